#include "tools/cli/cache_options.h"

#include "tools/cli/ci_protocols.h"
#include "tools/cli/manifest.h"

namespace relux::cli {

namespace fs = std::filesystem;

void declare_cache_options(CommandLine& line, CacheOptions& options) {
    line.option("--cache-dir", &options.directory,
                "Where compiled modules are kept (default: $RELUX_CACHE_DIR, or relux in the user's cache)")
        .value("PATH");
    line.flag("--no-cache", options.enabled, "Compile everything, and keep nothing").inverted();
}

std::optional<fs::path> cache_directory(const CacheOptions& options) {
    if (options.directory) return options.directory;
    if (const auto set = host_variable("RELUX_CACHE_DIR")) return *set;
    if (const auto set = host_variable("XDG_CACHE_HOME")) return fs::path(*set) / "relux";
    if (const auto home = host_variable("HOME")) return fs::path(*home) / ".cache" / "relux";
    return std::nullopt;
}

Result<std::unique_ptr<compiler::ModuleCache>> open_cache(const CacheOptions& options) {
    auto limit = compiler::ModuleCache::kDefaultLimit;
    if (const auto text = host_variable("RELUX_CACHE_LIMIT")) {
        const auto size = parse_size(*text);
        if (!size) return Error{"RELUX_CACHE_LIMIT: `" + *text + "` is no size, such as 200MiB"};
        limit = *size;
    }
    const auto directory = options.enabled ? cache_directory(options) : std::nullopt;
    if (!directory) return std::unique_ptr<compiler::ModuleCache>();
    return std::make_unique<compiler::ModuleCache>(fs::absolute(*directory), limit);
}

}  // namespace relux::cli

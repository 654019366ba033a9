#include "tools/project/cache_options.h"

#include "compiler/cache_directory.h"
#include "tools/project/ci_protocols.h"
#include "tools/project/manifest.h"

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

namespace {

Result<std::uintmax_t> cache_limit() {
    const auto text = host_variable("RELUX_CACHE_LIMIT");
    if (!text) return compiler::CacheDirectory::kDefaultLimit;
    const auto size = parse_size(*text);
    if (!size) return Error{"RELUX_CACHE_LIMIT: `" + *text + "` is no size, such as 200MiB"};
    return std::uintmax_t{*size};
}

}  // namespace

Result<std::unique_ptr<compiler::ModuleCache>> open_cache(const CacheOptions& options,
                                                          const Project& project) {
    if (const auto limit = cache_limit(); !limit) return limit.error();
    const auto path = options.enabled ? cache_directory(options) : std::nullopt;
    if (!path) return std::unique_ptr<compiler::ModuleCache>();
    const compiler::CacheDirectory directory(fs::absolute(*path));
    // Two checkouts of one project have this in common, wherever they are.
    const auto kind = project.manifest.name + "\n" + project.manifest_text;
    return std::make_unique<compiler::ModuleCache>(directory.of_project(project.root),
                                                   directory.link_of(kind));
}

void trim_cache(const CacheOptions& options) {
    const auto path = options.enabled ? cache_directory(options) : std::nullopt;
    const auto limit = cache_limit();
    if (path && limit) compiler::CacheDirectory(fs::absolute(*path)).trim_when_due(*limit);
}

}  // namespace relux::cli

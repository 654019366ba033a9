#include "tools/commands/cache_command.h"

#include "compiler/cache_directory.h"
#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "vm/base/text.h"

namespace relux::cli {

void CacheCommand::declare(CommandLine& line) {
    line.option("ACTION", &action_, "info: where it is and what it holds; clean: remove what it holds")
        .choices({"info", "clean"})
        .required();
    line.option("--cache-dir", &directory_, "Which cache (default: the one that `relux run` uses)")
        .value("PATH");
}

int CacheCommand::execute() {
    const CacheOptions options{directory_, true};
    const auto directory = cache_directory(options);
    if (!directory) return complain("there is no cache: set RELUX_CACHE_DIR, XDG_CACHE_HOME or HOME");
    const auto shown = visible(directory->string(), false);
    if (action_ == "clean") {
        const auto removed = compiler::CacheDirectory(*directory).clean();
        if (!removed) return complain(removed.error().message);
        print_output("removed " + count_of(*removed, "file") + " from " + shown + "\n");
        return kSuccess;
    }
    const auto information = compiler::CacheDirectory(*directory).information();
    print_output("directory: " + shown + "\nholds: " + count_of(information.modules, "module") + " in " +
                 count_of(information.packs, "file") + ", " + count_of(information.bytes, "byte") + "\n");
    for (const auto& unusable : information.unusable)
        print_output("not used: " + unusable + "\n");
    return kSuccess;
}

}  // namespace relux::cli

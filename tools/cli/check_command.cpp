// Every diagnostic of every file in one go; `check passed` on standard output when nothing stands in the way
// of a run.
#include "tools/cli/check_command.h"

#include <CLI/CLI.hpp>

#include "tools/cli/compilation.h"
#include "tools/cli/output.h"

namespace relux::cli {

namespace {

// Without paths the library is checked too: a module that no test imports yet should not wait for its first
// test.
Status add_library(Selection& selection) {
    auto library = selection.project.root / "relux" / "lib";
    std::error_code error;
    if (!std::filesystem::is_directory(library, error)) return Done{};
    auto files = find_modules(selection.project.root, library);
    if (!files) return files.error();
    selection.files.insert(selection.files.end(), files->begin(), files->end());
    return Done{};
}

}  // namespace

CheckCommand::CheckCommand(std::string_view program) {
    auto name = std::string(program);
    example_ = "  " + name + " check\n  " + name + " check relux/tests/tasks --strict";
}

void CheckCommand::declare(CLI::App& command) {
    command.add_option("PATH", paths_, "Files or directories (default: relux/tests and relux/lib)");
    command.add_option("--manifest", manifest_, "Which Relux.toml (default: nearest upward)")
        ->type_name("PATH");
    command.add_flag("--strict", strict_, "Warnings fail the check too");
}

int CheckCommand::execute() {
    auto selection = select_files(manifest_, paths_);
    if (!selection) return complain(selection.error().message);
    if (paths_.empty()) {
        auto added = add_library(*selection);
        if (!added) return complain(added.error().message);
    }
    auto environment = base_environment(selection->project.root);
    if (!environment) return complain(environment.error().message);
    auto compiled = compile_project(selection->project, selection->files, *environment);
    print_error(render_diagnostics(compiled.diagnostics, Shown::ErrorsAndWarnings, error_wants_color()));
    auto errors = compiled.diagnostics.error_count();
    auto warnings = warning_count(compiled.diagnostics);
    if (errors == 0 && (warnings == 0 || !strict_)) {
        print_output("check passed\n");
        return kSuccess;
    }
    print_error("check failed: " + count_of(errors, "error") + ", " + count_of(warnings, "warning") + "\n");
    return kFailure;
}

}  // namespace relux::cli

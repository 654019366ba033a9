// The flags of `init` and `new`. What was made is what was asked for, so it is named on standard output.
#include "tools/commands/scaffold_command.h"

#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "tools/project/project.h"
#include "tools/shell/scaffold.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

int make_project() {
    std::error_code error;
    const auto root = fs::current_path(error);
    if (error) return complain("the current directory is gone: " + error.message());
    const auto made = create_project(root);
    if (!made) return complain(made.error().message);
    for (const auto& path : *made)
        print_output(path.string() + "\n");
    print_error("next: relux new --test hello, then relux run\n");
    return kSuccess;
}

int make_module(const std::optional<fs::path>& manifest, ModuleKind kind, const std::string& path) {
    const auto segments = parse_module_path(path);
    if (!segments) return complain(segments.error().message);
    const auto project = open_project(manifest);
    if (!project) return complain(project.error().message);
    const auto file = create_module(project->root, kind, *segments);
    if (!file) return complain(file.error().message);
    print_output(file->string() + "\n");
    return kSuccess;
}

}  // namespace

std::string_view InitCommand::example() const {
    return "  mkdir my-suite && cd my-suite && relux init";
}

void InitCommand::declare(CommandLine&) {}

int InitCommand::execute() {
    return make_project();
}

std::string_view NewCommand::example() const {
    return "  relux new --test login/smoke       # relux/tests/login/smoke.relux\n"
           "  relux new --effect service/db      # relux/lib/service/db.relux\n"
           "  relux new --lib api/http           # relux/lib/api/http.relux\n"
           "  relux new                          # a project, as relux init";
}

void NewCommand::declare(CommandLine& line) {
    line.at_most_one(
        "Kinds; none: a project, as `init`",
        {&line.option("--test", &test_, "A file of tests, below relux/tests").value("MODULE"),
         &line.option("--effect", &effect_, "A module with an effect, below relux/lib").value("MODULE"),
         &line.option("--lib", &library_, "A module with functions, below relux/lib").value("MODULE")});
    line.option("--manifest", &manifest_, "Which Relux.toml (default: nearest upward)").value("PATH");
}

int NewCommand::execute() {
    if (test_) return make_module(manifest_, ModuleKind::Test, *test_);
    if (effect_) return make_module(manifest_, ModuleKind::Effect, *effect_);
    if (library_) return make_module(manifest_, ModuleKind::Library, *library_);
    return make_project();
}

}  // namespace relux::cli

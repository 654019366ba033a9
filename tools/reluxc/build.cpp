// Compiles everything or writes nothing: an archive never misses a test because of a mistake in it. The same
// sources give the same bytes wherever the output goes.
#include "tools/reluxc/build.h"

#include "tools/cli/command_line.h"
#include "tools/cli/compilation.h"
#include "vm/base/files.h"
#include "tools/cli/output.h"
#include "vm/bytecode/module_file.h"

namespace relux::cli {

namespace {

std::string summary(const bytecode::Archive& archive, const std::filesystem::path& file, std::size_t size) {
    std::size_t tests = 0;
    for (const auto& module : archive.modules)
        tests += module.tests.size();
    return "wrote " + file.string() + ": " + count_of(archive.modules.size(), "module") + ", " +
           count_of(tests, "test") + ", " + count_of(size, "byte") + "\n";
}

}  // namespace

void BuildCommand::declare(CommandLine& line) {
    line.option("PATH", &paths_, "Files or directories (default: relux/tests), or one project's directory");
    line.option("-o,--output", &output_, "The archive (default: <name of the project>.rxb)").value("FILE");
    line.option("--manifest", &manifest_, "Which Relux.toml (default: nearest upward)").value("PATH");
    line.flag("--strip", strip_, "Leave the sources out; failures then show no source lines");
}

int BuildCommand::execute() {
    auto selection = select_files(manifest_, paths_);
    if (!selection) return complain(selection.error().message);
    const auto& project = selection->project;
    auto environment = EnvironmentLayers::read(project.root, selection->files);
    if (!environment) return complain(environment.error().message);
    auto compiled = compile_project(project, selection->files, *environment);
    print_error(render_diagnostics(compiled.diagnostics, Shown::ErrorsAndWarnings, error_wants_color()));
    if (compiled.diagnostics.error_count() != 0) {
        print_error("nothing written: the sources have errors\n");
        return kFailure;
    }
    bytecode::Archive archive{project.manifest_text, project.root.string(), std::move(compiled.test_modules),
                              std::move(compiled.modules)};
    if (strip_) {
        for (auto& module : archive.modules)
            module.source.clear();
    }
    auto bytes = bytecode::write_archive(archive);
    auto file = output_.value_or(project.manifest.name + ".rxb");
    auto written = replace_file(file, bytes);
    if (!written) return complain(written.error().message);
    print_error(summary(archive, file, bytes.size()));
    return kSuccess;
}

}  // namespace relux::cli

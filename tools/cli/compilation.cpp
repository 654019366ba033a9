// The one way from a project to bytecode that all commands share.
#include "tools/cli/compilation.h"

#include "tools/cli/files.h"

namespace relux::cli {

namespace {

std::vector<std::string> library_modules(const std::filesystem::path& root) {
    std::vector<std::string> names;
    auto library = root / "relux" / "lib";
    auto files = find_modules(root, library);
    if (!files) return names;
    for (auto& file : *files)
        names.push_back(module_name(library, file.replace_extension()));
    return names;
}

}  // namespace

compiler::CompileOptions compile_options(const Project& project, const EnvironmentLayers& environment) {
    compiler::CompileOptions options;
    options.edition = project.manifest.language;
    options.suite_root = project.root;
    options.environment_has = [&environment](std::string_view name, std::string_view module) {
        return is_runtime_variable(name) ||
               environment.of_module(module).variables.contains(std::string(name));
    };
    options.read_file = read_file;
    options.library_modules = [root = project.root] { return library_modules(root); };
    return options;
}

compiler::CompiledSuite compile_project(const Project& project,
                                        const std::vector<std::filesystem::path>& files,
                                        const EnvironmentLayers& environment) {
    return compiler::compile_suite(compile_options(project, environment), files);
}

std::string render_diagnostics(const frontend::DiagnosticSink& sink, Shown shown, bool color) {
    std::string text;
    for (const auto& diagnostic : sink.diagnostics()) {
        bool error = frontend::diagnostic_info(diagnostic.code).severity == frontend::Severity::Error;
        if (!error && shown == Shown::Errors) continue;
        text += frontend::render(diagnostic, color);
        if (!text.ends_with('\n')) text += '\n';
    }
    return text;
}

std::size_t warning_count(const frontend::DiagnosticSink& sink) {
    return sink.diagnostics().size() - sink.error_count();
}

}  // namespace relux::cli

// The one way from a project to bytecode that all commands share.
#include "tools/project/compilation.h"

#include <map>
#include <set>
#include <utility>

#include "vm/base/files.h"
#include "vm/base/input_limits.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace {

std::vector<std::string> library_modules(const std::filesystem::path& root) {
    std::vector<std::string> names;
    auto library = root / "relux" / "lib";
    auto files = find_modules(root, library);
    if (!files) return names;
    for (const auto& file : *files) {
        auto name = module_name(library, file);
        name.resize(name.rfind('.'));
        names.push_back(std::move(name));
    }
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
    options.read_file = read_source;
    options.library_modules = [root = project.root] { return library_modules(root); };
    return options;
}

compiler::CompiledSuite compile_project(const Project& project, const std::vector<std::string>& files,
                                        const EnvironmentLayers& environment) {
    return compiler::compile_suite(compile_options(project, environment), {files.begin(), files.end()});
}

namespace {

/// Of warnings of one code, so many are shown one by one; of more, the first one and how many there are.
constexpr std::size_t kMostWarningsOfOneCode = 8;

using WarningCounts = std::map<frontend::DiagnosticCode, std::size_t>;

WarningCounts count_warnings(const frontend::DiagnosticSink& sink) {
    WarningCounts counts;
    for (const auto& diagnostic : sink.diagnostics())
        ++counts[diagnostic.code];
    return counts;
}

bool is_error(const frontend::Diagnostic& diagnostic) {
    return frontend::diagnostic_info(diagnostic.code).severity == frontend::Severity::Error;
}

/// `note: 39 more of W0307: a.relux:6, a.relux:9, a.relux:12 and 36 others`
std::string further_warnings(const frontend::DiagnosticSink& sink, frontend::DiagnosticCode code,
                             std::size_t count) {
    constexpr std::size_t kNamed = 3;
    std::string places;
    std::size_t seen = 0;
    for (const auto& diagnostic : sink.diagnostics()) {
        if (diagnostic.code != code || ++seen == 1 || seen > kNamed + 1 || diagnostic.source == nullptr)
            continue;
        places += (places.empty() ? "" : ", ") + visible(diagnostic.source->name(), false) + ":" +
                  std::to_string(diagnostic.source->position(diagnostic.range.begin).line);
    }
    return "note: " + std::to_string(count - 1) + " more of " +
           std::string(frontend::diagnostic_info(code).code) + ": " + places + " and " +
           std::to_string(count - 1 - kNamed) + " others\n";
}

}  // namespace

std::string render_diagnostics(const frontend::DiagnosticSink& sink, Shown shown, bool color) {
    // A file that is no program at all must not bury what the others have.
    std::string text;
    std::map<const frontend::Source*, std::size_t> counts;
    auto warnings = count_warnings(sink);
    std::set<frontend::DiagnosticCode> told;  // with all their warnings
    for (const auto& diagnostic : sink.diagnostics()) {
        const bool error = is_error(diagnostic);
        if (!error && shown == Shown::Errors) continue;
        const auto of_code = std::exchange(warnings[diagnostic.code], 0);
        if (!error && of_code > kMostWarningsOfOneCode) {
            text += frontend::render(diagnostic, color) + further_warnings(sink, diagnostic.code, of_code);
            told.insert(diagnostic.code);
            continue;
        }
        if (told.contains(diagnostic.code)) continue;
        const auto count = ++counts[diagnostic.source];
        if (diagnostic.source != nullptr && count > kMostMistakes) {
            if (count == kMostMistakes + 1)
                text +=
                    "note: " + visible(diagnostic.source->name(), false) + " has more; mend these first\n";
            continue;
        }
        text += frontend::render(diagnostic, color);
        if (!text.ends_with('\n')) text += '\n';
    }
    return text;
}

std::size_t warning_count(const frontend::DiagnosticSink& sink) {
    return sink.diagnostics().size() - sink.error_count();
}

}  // namespace relux::cli

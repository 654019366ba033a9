// Compiles everything or writes nothing: an archive never misses a test because of a mistake in it. The same
// sources give the same bytes wherever the output goes.
#include "tools/reluxc/build.h"

#include <algorithm>
#include <iterator>

#include "compiler/cached_compile.h"
#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "tools/project/compilation.h"
#include "tools/project/workflow_source.h"
#include "vm/base/files.h"
#include "vm/base/text.h"
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

struct Compiled {
    std::vector<std::string> tests;
    std::vector<bytecode::Module> modules;  ///< sorted by name
    std::string messages;
    std::string why;
    std::string remarks;
    bool errors = false;
};

Compiled compile_without(const Selection& selection, const EnvironmentLayers& environment, bool remarks) {
    auto options = compile_options(selection.project, environment);
    options.remarks = remarks;
    auto suite = compiler::compile_suite(options, {selection.files.begin(), selection.files.end()});
    Compiled compiled;
    compiled.messages = render_diagnostics(suite.diagnostics, Shown::ErrorsAndWarnings, error_wants_color());
    compiled.errors = suite.diagnostics.error_count() != 0;
    for (const auto& module : suite.modules)
        compiled.why += visible(module.name, false) + ": compiled: " +
                        (remarks ? "--remarks leaves the cache alone" : "there is no cache") + "\n";
    compiled.remarks = visible(suite.remarks, true);
    compiled.tests = std::move(suite.test_modules);
    compiled.modules = std::move(suite.modules);
    return compiled;
}

Compiled compile_with_cache(const Selection& selection, const EnvironmentLayers& environment,
                            std::unique_ptr<compiler::ModuleCache> cache, bool why) {
    Compiled compiled;
    for (const auto& unusable : cache->unusable())
        compiled.why += "not used: " + unusable + "\n";
    auto suite = compiler::compile_suite_cached(compile_options(selection.project, environment),
                                                selection.files, std::move(cache), {true, why});
    compiled.messages = render_diagnostics(suite.diagnostics, Shown::ErrorsAndWarnings, error_wants_color());
    if (!suite.note.empty()) compiled.messages += "warning: nothing is cached: " + suite.note + "\n";
    compiled.errors = suite.diagnostics.error_count() != 0;
    for (const auto& decision : suite.decisions) {
        compiled.why += visible(decision.module, false) +
                        (decision.hit ? ": cached" : ": compiled: " + visible(decision.why, false)) + "\n";
    }
    for (const auto* module : suite.test_modules)
        compiled.tests.emplace_back(module->name);
    for (std::size_t i = 0; i < suite.source->names().size() && !compiled.errors; ++i) {
        auto module = suite.source->load(i);
        if (module) {
            compiled.modules.push_back(std::move(*module));
        } else {
            compiled.messages += "error: " + module.error().message + "\n";
            compiled.errors = true;
        }
    }
    return compiled;
}

void add_workflows(Compiled& compiled, ProjectWorkflows workflows) {
    compiled.tests.insert(compiled.tests.end(), workflows.test_modules.begin(), workflows.test_modules.end());
    std::move(workflows.modules.begin(), workflows.modules.end(), std::back_inserter(compiled.modules));
    std::sort(compiled.modules.begin(), compiled.modules.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
}

}  // namespace

void BuildCommand::declare(CommandLine& line) {
    line.option("PATH", &paths_, "Files or directories (default: relux/tests), or one project's directory");
    line.option("-o,--output", &output_, "The archive (default: <name of the project>.rxb)").value("FILE");
    line.option("--manifest", &manifest_, "Which Relux.toml (default: nearest upward)").value("PATH");
    declare_cache_options(line, cache_);
    line.flag("--why", why_, "Say of each module whether it was cached, or why it was compiled");
    line.flag("--remarks", remarks_,
              "Say what was folded and evaluated when compiling, and what was not; compiles everything anew");
    line.flag("--strip", strip_, "Leave the sources out; failures then show no source lines");
}

int BuildCommand::execute() {
    auto selection = select_files(manifest_, paths_);
    if (!selection) return complain(selection.error().message);
    const auto& project = selection->project;
    auto environment = EnvironmentLayers::read(project.root, selection->files, project.manifest.shell.term);
    if (!environment) return complain(environment.error().message);
    auto cache = open_cache(cache_, project);
    if (!cache) return complain(cache.error().message);
    // Modules in the cache have been optimised already, and nothing is known of how.
    auto compiled = *cache && !remarks_
                        ? compile_with_cache(*selection, *environment, std::move(*cache), why_)
                        : compile_without(*selection, *environment, remarks_);
    auto workflows = compile_project_workflows(project, selection->workflows);
    compiled.messages += workflows.problems;
    compiled.errors |= workflows.problem_count != 0;
    add_workflows(compiled, std::move(workflows));
    print_error(compiled.messages);
    print_error(compiled.remarks);
    if (why_) print_error(compiled.why);
    if (compiled.errors) {
        print_error("nothing written: the sources have errors\n");
        return kFailure;
    }
    bytecode::Archive archive{project.manifest_text, project.root.string(), std::move(compiled.tests),
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
    trim_cache(cache_);
    return kSuccess;
}

}  // namespace relux::cli

// Every diagnostic of every file in one go; `check passed` on standard output when nothing stands in the way
// of a run.
#include "tools/commands/check_command.h"

#include <algorithm>

#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "tools/explain/check_json.h"
#include "tools/project/compilation.h"
#include "tools/project/workflow_source.h"
#include "tools/select/skipped_tests.h"
#include "vm/base/text.h"
#include "vm/report/outcome.h"

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

bool has_markers(const bytecode::Module& module) {
    auto marked = [](const auto& declared) { return !declared.markers.empty(); };
    return std::any_of(module.scopes.begin(), module.scopes.end(), marked) ||
           std::any_of(module.functions.begin(), module.functions.end(), marked);
}

/// An error that a marker's condition has reached is reported like one that is found in the text.
void report_malformed(const std::vector<run::MalformedPattern>& malformed,
                      compiler::CompiledSuite& compiled) {
    for (const auto& pattern : malformed) {
        const auto source = std::find_if(
            compiled.sources.begin(), compiled.sources.end(),
            [&](const auto& candidate) { return candidate->name() == pattern.module->code.name; });
        if (source == compiled.sources.end()) continue;
        const auto line = (*source)->line(pattern.span.line);
        const auto begin = static_cast<std::uint32_t>(line.data() - (*source)->text().data()) - 1;
        frontend::Diagnostic diagnostic;
        diagnostic.code = frontend::DiagnosticCode::InvalidRegex;
        diagnostic.source = source->get();
        diagnostic.range = {begin + pattern.span.column, begin + pattern.span.end_column};
        diagnostic.message = pattern.message;
        diagnostic.hint =
            "a marker's condition is evaluated before its test; this is what the pattern is here and now";
        compiled.diagnostics.report(std::move(diagnostic));
    }
}

// Takes the modules. Without a marker anywhere nothing is linked: linking costs more than looking.
Result<std::vector<SkippedTest>> evaluate_markers(compiler::CompiledSuite& compiled,
                                                  const EnvironmentLayers& environment) {
    if (std::none_of(compiled.modules.begin(), compiled.modules.end(), has_markers))
        return std::vector<SkippedTest>();
    auto program = exec::Program::link(std::move(compiled.modules));
    if (!program) return program.error();
    auto marked = evaluate_test_markers(**program, compiled.test_modules, environment);
    report_malformed(marked.malformed, compiled);
    return std::move(marked.skipped);
}

std::string skipped_lines(const std::vector<SkippedTest>& skipped) {
    std::string text;
    for (const auto& test : skipped) {
        text += "skipped: " + report::shown_name(test_path(test.module), test.slug) + " (" +
                visible(test.reason, false) + ")\n";
    }
    return text;
}

}  // namespace

CheckCommand::CheckCommand(std::string_view program) {
    auto name = std::string(program);
    example_ = "  " + name + " check\n  " + name + " check relux/tests/tasks --strict\n  " + name +
               " check --format json    # one document on standard output";
}

void CheckCommand::declare(CommandLine& line) {
    line.option("PATH", &paths_, "Files or directories (default: relux/tests and relux/lib)");
    line.option("--manifest", &manifest_, "Which Relux.toml (default: nearest upward)").value("PATH");
    line.flag("--strict", strict_, "Warnings fail the check too");
    line.option("--format", &format_, "How diagnostics are printed")
        .choices({"human", "json"})
        .with_default();
}

int CheckCommand::execute() {
    auto selection = select_files(manifest_, paths_);
    if (!selection) return complain(selection.error().message);
    if (paths_.empty()) {
        auto added = add_library(*selection);
        if (!added) return complain(added.error().message);
    }
    auto environment = EnvironmentLayers::read(selection->project.root, selection->files,
                                               selection->project.manifest.shell.term);
    if (!environment) return complain(environment.error().message);
    auto options = compile_options(selection->project, *environment);
    options.whole_suite = paths_.empty();
    auto compiled = compiler::compile_suite(options, {selection->files.begin(), selection->files.end()});
    const auto workflows = compile_project_workflows(selection->project, selection->workflows);
    auto skipped = evaluate_markers(compiled, *environment);
    if (!skipped) return complain(skipped.error().message);
    auto errors = compiled.diagnostics.error_count() + workflows.problem_count;
    auto warnings = warning_count(compiled.diagnostics);
    bool passed = errors == 0 && (warnings == 0 || !strict_);
    if (format_ == "json") {
        print_output(check_json(selection->project.root, passed, compiled.diagnostics, *skipped));
        return passed ? kSuccess : kFailure;
    }
    print_error(render_diagnostics(compiled.diagnostics, Shown::ErrorsAndWarnings, error_wants_color()) +
                workflows.problems + skipped_lines(*skipped));
    if (passed) {
        print_output("check passed\n");
        return kSuccess;
    }
    print_error("check failed: " + count_of(errors, "error") + ", " + count_of(warnings, "warning") +
                (errors == 0 ? " (--strict)" : "") + "\n");
    return kFailure;
}

}  // namespace relux::cli

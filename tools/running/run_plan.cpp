#include "tools/running/run_plan.h"

#include <algorithm>
#include <string>
#include <utility>

#include "tools/cli/output.h"
#include "tools/history/history_runs.h"
#include "tools/project/ci_protocols.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace {

Result<RunnableSuite> load(const RunOptions& options) {
    bool archive = std::any_of(options.paths.begin(), options.paths.end(), is_archive);
    if (!archive)
        return suite_from_sources(options.manifest, options.paths, options.cache, error_wants_color());
    if (options.paths.size() != 1) return Error{"an archive can't be run together with other paths"};
    return suite_from_archive(options.manifest, options.paths.front());
}

int list_tests(const RunnableSuite& suite) {
    std::string lines;
    bool whole = true;
    for (const auto& test : suite.tests) {
        whole &= !test.module.empty();
        lines += visible(test_key(test.path, test.name), false) + "\n";
    }
    print_error(suite.diagnostics);
    print_output(lines);
    return whole ? kSuccess : kFailure;
}

std::string lines_of(const std::vector<std::string>& notes) {
    std::string lines;
    for (const auto& note : notes)
        lines += note + "\n";
    return lines;
}

int explain_test(Incremental& incremental, RunnableSuite& suite, const std::string& test) {
    const auto text = incremental.explain(suite, test);
    if (text.empty()) return complain("--why: no selected test is called `" + test + "`");
    print_output(text);
    return kSuccess;
}

}  // namespace

Result<RunPlan> plan_run(const RunOptions& options, RunMeasures& measures) {
    auto consistent = check_options(options);
    if (!consistent) return consistent.error();
    auto suite = load(options);
    if (!suite) return suite.error();
    const auto load_time = measures.lap();
    auto settings = resolve_settings(suite->project.manifest, options);
    if (!settings) return settings.error();
    auto selection = select_tests(options, host_variable, suite->project.root, suite->tests);
    if (!selection) {
        print_error(suite->diagnostics);
        return selection.error();
    }
    settings->environment = suite->environment->root().variables;
    settings->notes_sends = options.incremental;
    return RunPlan{std::move(*suite), load_time, std::move(*settings), std::move(*selection), std::nullopt};
}

std::optional<int> answer_without_running(const RunPlan& plan, const RunOptions& options) {
    print_error(lines_of(plan.selection.notes));
    if (plan.selection.nothing_to_do) return kSuccess;
    if (options.list) return list_tests(plan.suite);
    return std::nullopt;
}

std::optional<int> mark_unchanged(RunPlan& plan, const RunOptions& options) {
    if (!options.incremental) return std::nullopt;
    auto opened = Incremental::open(plan.suite, plan.settings);
    if (!opened) return complain(opened.error().message);
    plan.incremental.emplace(std::move(*opened));
    plan.incremental->decide(plan.suite, options.force);
    if (options.why) return explain_test(*plan.incremental, plan.suite, *options.why);
    return std::nullopt;
}

}  // namespace relux::cli

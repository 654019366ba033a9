#include "tools/running/run_result.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tools/cli/output.h"
#include "tools/history/history_margins.h"
#include "tools/history/history_runs.h"
#include "tools/history/shard_plan.h"
#include "tools/project/ci_protocols.h"
#include "tools/running/margin_notes.h"
#include "tools/running/run_reports.h"
#include "vm/base/assert.h"
#include "vm/report/plain_progress.h"
#include "vm/report/render_failure.h"
#include "vm/report/report_file.h"
#include "vm/report/run_statistics.h"
#include "vm/report/run_summary.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

// A test that was cancelled before it started has nothing to show but its line.
bool has_something_to_show(const report::TestResult& result) {
    if (!result.warnings.empty()) return true;
    switch (result.outcome) {
        case report::OutcomeKind::Failed:
            return true;
        case report::OutcomeKind::Cancelled:
            return result.failure && !result.failure->chain.empty();
        case report::OutcomeKind::Passed:
        case report::OutcomeKind::Skipped:
        case report::OutcomeKind::Invalid:
            return false;
    }
    RELUX_UNREACHABLE("outcome out of range");
}

/// Where the event log of a test is looked at.
std::string log_line(const report::TestResult& result, const fs::path& run_directory) {
    if (result.log_directory.empty()) return {};
    const auto directory = run_directory / result.log_directory;
    std::error_code error;
    const auto page = directory / "event.html";
    return "  logs: " + report::file_url(fs::exists(page, error) ? page : directory) + "\n";
}

/// `already`: whoever sits at the terminal has seen them as they came; the only one is not shown again.
std::string failures(const std::vector<report::TestResult>& results, const fs::path& run_directory,
                     bool already) {
    std::string text;
    const bool color = error_wants_color();
    const bool is_only_one = std::count_if(results.begin(), results.end(), has_something_to_show) == 1;
    for (const auto& result : results) {
        if (!has_something_to_show(result)) continue;
        text += "\n---- " + report::shown_name(result.path, result.slug) + " ----\n";
        const bool is_seen = already && is_only_one && result.outcome == report::OutcomeKind::Failed;
        if (!is_seen) text += report::render_failure(result, color);
        text += log_line(result, run_directory);
    }
    return text;
}

int exit_status(const run::SuiteResult& result) {
    if (result.interrupted) return kInterrupted;
    bool good = std::all_of(result.results.begin(), result.results.end(), [](const report::TestResult& test) {
        return test.outcome == report::OutcomeKind::Passed || test.outcome == report::OutcomeKind::Skipped;
    });
    return good ? kSuccess : kFailure;
}

/// After the reports, of which it tells the time: what the run has cost, in words, and in the summary.
bool tell_statistics(report::RunStatistics& statistics, RunMeasures& measures, report::RunSummary& summary,
                     const fs::path& directory, Console& console) {
    statistics.reports = measures.lap();
    measures.complete(statistics);
    console.print_result(report::describe_statistics(statistics));
    summary.statistics = &statistics;
    const auto written = report::write_run_summary(summary, directory / kSummaryName);
    if (!written) complain_on(console, written.error().message);
    return static_cast<bool>(written);
}

}  // namespace

int report_result(run::SuiteResult& result, const RunPlan& plan, const RunOptions& options,
                  RunMeasures& measures, RunStage& stage) {
    const auto& directory = stage.directory();
    auto& console = stage.console();
    note_narrow_margins(result.results, directory.path);
    console.print_result(
        failures(result.results, directory.path, stage.has_shown_failures()) + "\n" +
        report::result_lines(result.results, result.duration, result.statistics.jobs.most, directory.path));
    report::RunSummary summary{directory.run_id, directory.timestamp, host_name(), result.duration,
                               result.results};
    bool written = write_reports(summary, directory.path, plan.suite.project, options.reports, console);
    if (options.stats)
        written &= tell_statistics(result.statistics, measures, summary, directory.path, console);
    auto status = exit_status(result);
    return !written && status == kSuccess ? kUsage : status;
}

void tell_others(const run::SuiteResult& result, const RunPlan& plan, RunStage& stage) {
    const auto& suite = plan.suite;
    const auto& directory = stage.directory();
    auto& console = stage.console();
    console.print_result(github_annotations(result.results, suite.project.root, host_variable));
    const auto& name = suite.project.manifest.name;
    Status written[] = {
        append_step_summary(result.results, result.duration, name, host_variable),
        write_margins(result.margins, directory.path / kMarginsName),
        plan.selection.plan ? report::write_report_file(directory.path / kShardPlanName,
                                                        format_shard_plan(*plan.selection.plan), false)
                            : Status(Done{}),
    };
    for (const auto& status : written) {
        if (!status) console.print_result("warning: " + status.error().message + "\n");
    }
}

}  // namespace relux::cli

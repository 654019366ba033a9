// The course of one run.
#include "tools/running/run_tests.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <unistd.h>
#include <unordered_map>
#include <utility>

#include "tools/cli/output.h"
#include "tools/history/history_margins.h"
#include "tools/history/history_runs.h"
#include "tools/history/shard_plan.h"
#include "tools/increment/incremental.h"
#include "tools/project/ci_protocols.h"
#include "tools/project/suite_source.h"
#include "tools/running/report_space.h"
#include "tools/running/run_directory.h"
#include "tools/running/run_measures.h"
#include "tools/screen/console.h"
#include "tools/screen/live_view.h"
#include "tools/screen/run_progress.h"
#include "tools/select/selection.h"
#include "vm/base/files.h"
#include "vm/base/text.h"
#include "vm/io/loop.h"
#include "vm/report/plain_progress.h"
#include "vm/report/render_failure.h"
#include "vm/report/report_file.h"
#include "vm/report/report_formats.h"
#include "vm/report/run_page.h"
#include "vm/report/run_summary.h"
#include "vm/report/trace_file.h"
#include "vm/run/suite.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

/// What the latest run tells of these tests.
KnownDurations known_durations(const fs::path& root, const std::vector<run::TestCase>& tests) {
    KnownDurations known;
    const auto latest = read_latest_run(root);
    if (!latest) return known;
    // Keys as text only of what is known: a large suite has tens of thousands of tests.
    using Name = std::pair<std::string_view, std::string_view>;
    const auto hash = [](const Name& name) {
        const std::hash<std::string_view> of;
        return of(name.first) * 31 + of(name.second);
    };
    std::unordered_map<Name, std::int64_t, decltype(hash)> ran(latest->tests.size(), hash);
    for (const auto& test : latest->tests) {
        if (!test.cached &&
            (test.outcome == report::OutcomeKind::Passed || test.outcome == report::OutcomeKind::Failed))
            ran.emplace(Name(test.path, test.name), test.duration_ms);
    }
    for (const auto& test : tests) {
        if (const auto found = ran.find({test.path, test.name}); found != ran.end())
            known.emplace(test_key(test.path, test.name), std::chrono::milliseconds(found->second));
    }
    return known;
}

std::unique_ptr<RunProgress> make_progress(const RunOptions& options, const RunnableSuite& suite,
                                           KnownDurations known, int jobs, Console& console) {
    const bool wanted =
        options.progress == Progress::Live || (options.progress == Progress::Auto && !host_variable("CI"));
    if (wanted && LiveView::possible())
        return std::make_unique<LiveView>(console, suite.tests, std::move(known), jobs);
    if (options.progress == Progress::Live)
        console.print("warning: --progress tui needs a terminal on standard error; progress is plain\n");
    return std::make_unique<RunProgress>(console);
}

std::string own_path() {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).string();
}

Result<RunnableSuite> load(const RunOptions& options) {
    bool archive = std::any_of(options.paths.begin(), options.paths.end(), is_archive);
    if (!archive)
        return suite_from_sources(options.manifest, options.paths, options.cache, error_wants_color());
    if (options.paths.size() != 1) return Error{"an archive can't be run together with other paths"};
    return suite_from_archive(options.manifest, options.paths.front());
}

void complete_settings(const RunnableSuite& suite, const RunDirectory& directory,
                       run::RunSettings& settings) {
    settings.suite_root = suite.project.root;
    settings.run_directory = directory.path;
    settings.run_id = directory.run_id;
    settings.program = own_path();
}

void warn_of_hidden_processes(Console& console) {
    if (::access("/proc/self/stat", R_OK) == 0) return;
    console.print(
        "warning: processes that tests leave behind can't be found: /proc does not show them; mount it, or "
        "end "
        "them yourself\n");
}

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

std::string failures(const std::vector<report::TestResult>& results, const fs::path& run_directory) {
    std::string text;
    bool color = error_wants_color();
    for (const auto& result : results) {
        if (!has_something_to_show(result)) continue;
        text += "\n---- " + report::shown_name(result.path, result.slug) + " ----\n";
        text += report::render_failure(result, color);
        if (!result.log_directory.empty())
            text += "  logs: " + (run_directory / result.log_directory).string() + "\n";
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

/// What else reads the results: CI services, `history --margins`, `merge-reports`. None of it changes the
/// outcome of the tests.
void tell_others(const RunnableSuite& suite, const run::SuiteResult& result, const TestSelection& selection,
                 const RunDirectory& directory, Console& console) {
    console.print_result(github_annotations(result.results, suite.project.root, host_variable));
    const auto& name = suite.project.manifest.name;
    Status written[] = {
        append_step_summary(result.results, result.duration, name, host_variable),
        write_margins(result.margins, directory.path / kMarginsName),
        selection.plan ? report::write_report_file(directory.path / kShardPlanName,
                                                   format_shard_plan(*selection.plan), false)
                       : Status(Done{}),
    };
    for (const auto& status : written) {
        if (!status) console.print_result("warning: " + status.error().message + "\n");
    }
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

void complain_on(Console& console, std::string_view message) {
    console.print_result("error: " + std::string(message) + "\n");
}

std::string suite_name(const Project& project) {
    return project.manifest.name.empty() ? project.root.filename().string() : project.manifest.name;
}

}  // namespace

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

bool write_reports(const report::RunSummary& summary, const fs::path& directory, const Project& project,
                   const report::WantedReports& wanted, Console& console) {
    const auto name = suite_name(project);
    const report::ReportSource source{summary, name, directory, junit_places(host_variable)};
    auto in_repository = source;
    in_repository.place_in_repository = place_in_repository(project.root, host_variable);
    std::vector<Error> errors;
    const auto keep = [&errors](const Status& written) {
        if (!written) errors.push_back(written.error());
    };
    keep(report::write_run_summary(summary, directory / kSummaryName));
    keep(report::write_run_page(summary, name, directory, directory / "index.html"));
    for (auto& error : report::write_wanted_reports(wanted, in_repository))
        errors.push_back(std::move(error));
    // Bazel's, who decides who reads it.
    if (const auto xml_file = host_variable("XML_OUTPUT_FILE"))
        keep(replace_file(*xml_file, report::format_junit(source)));
    for (const auto& error : errors)
        complain_on(console, error.message);
    std::size_t incomplete = 0;
    for (const auto& test : summary.tests) {
        if (!test.report_error.empty() && incomplete++ == 0) complain_on(console, test.report_error);
    }
    if (incomplete > 0)
        complain_on(console, "the reports of " + std::to_string(incomplete) + " tests are not complete");
    return errors.empty() && incomplete == 0;
}

namespace {

/// After the reports, of which it tells the time: what the run has cost, in words, and in the summary.
bool tell_statistics(report::RunStatistics& statistics, RunMeasures& measures, report::RunSummary& summary,
                     const fs::path& directory, Console& console) {
    statistics.reports = measures.lap();
    measures.complete(statistics);
    console.print_result(report::describe_statistics(statistics));
    summary.statistics = &statistics;
    const auto written = report::write_run_summary(summary, directory / "run_summary.toml");
    if (!written) complain_on(console, written.error().message);
    return static_cast<bool>(written);
}

int finish(run::SuiteResult& result, const RunDirectory& directory, const Project& project,
           const RunOptions& options, RunMeasures& measures, Console& console) {
    console.print_result(
        failures(result.results, directory.path) + "\n" +
        report::result_lines(result.results, result.duration, result.statistics.jobs.most, directory.path));
    report::RunSummary summary{directory.run_id, directory.timestamp, host_name(), result.duration,
                               result.results};
    bool written = write_reports(summary, directory.path, project, options.reports, console);
    if (options.stats)
        written &= tell_statistics(result.statistics, measures, summary, directory.path, console);
    auto status = exit_status(result);
    return !written && status == kSuccess ? kUsage : status;
}

int explain_test(Incremental& incremental, RunnableSuite& suite, const std::string& test) {
    const auto text = incremental.explain(suite, test);
    if (text.empty()) return complain("--why: no selected test is called `" + test + "`");
    print_output(text);
    return kSuccess;
}

}  // namespace

int run_tests(const RunOptions& options) {
    RunMeasures measures;
    auto consistent = check_options(options);
    if (!consistent) return complain(consistent.error().message);
    auto suite = load(options);
    if (!suite) return complain(suite.error().message);
    const auto load_time = measures.lap();
    auto settings = resolve_settings(suite->project.manifest, options);
    if (!settings) return complain(settings.error().message);
    auto selection = select_tests(options, host_variable, suite->project.root, suite->tests);
    if (!selection) {
        print_error(suite->diagnostics);
        return complain(selection.error().message);
    }
    print_error(lines_of(selection->notes));
    if (selection->nothing_to_do) return kSuccess;
    if (options.list) return list_tests(*suite);
    settings->environment = suite->environment->root().variables;
    std::optional<Incremental> incremental;
    if (options.incremental) {
        auto opened = Incremental::open(*suite, *settings);
        if (!opened) return complain(opened.error().message);
        incremental.emplace(std::move(*opened));
        incremental->decide(*suite, options.force);
    }
    settings->notes_sends = options.incremental;
    if (options.why) return explain_test(*incremental, *suite, *options.why);
    std::unique_ptr<report::TraceFile> trace;
    if (options.trace_file) {
        auto created = report::TraceFile::create(*options.trace_file, ::getpid());
        if (!created) return complain(created.error().message);
        trace = std::move(*created);
        trace->write_in_background();
    }
    // Before this run becomes the latest.
    auto known = LiveView::possible() ? known_durations(suite->project.root, suite->tests) : KnownDurations();
    auto directory = create_run_directory(suite->project.root, std::chrono::system_clock::now(),
                                          suite->project.manifest.report_mode);
    if (!directory) return complain(directory.error().message);
    auto loop = io::make_uv_loop();
    if (!loop) return complain(loop.error().message);
    ReportSpace space(directory->path, suite->tests.size());
    complete_settings(*suite, *directory, *settings);
    Console console(STDERR_FILENO);
    warn_of_hidden_processes(console);
    console.print_result(suite->diagnostics);
    console.print(report::running_line(suite->tests.size()));
    const auto progress = make_progress(options, *suite, std::move(known), settings->jobs, console);
    auto result =
        run::run_suite(**loop, *suite->program, suite->tests, *settings, *progress, {trace.get(), nullptr});
    HeldInterrupts held(result.interrupted);
    result.statistics.load += load_time;
    static_cast<void>(measures.lap());
    const Status traced = trace ? trace->close([&held] { return held.told_to_end(); }) : Status(Done{});
    if (incremental) {
        if (auto recorded = incremental->record(*suite, result.results, directory->run_id); !recorded)
            console.print_result(
                "warning: nothing is remembered for --incremental: " + recorded.error().message + "\n");
    }
    space.give_back();
    auto status = finish(result, *directory, suite->project, options, measures, console);
    // It shows the tests and decides nothing about them.
    if (!traced) console.print_result("warning: " + traced.error().message + "; it ends early\n");
    tell_others(*suite, result, *selection, *directory, console);
    console.finish(held);
    trim_cache(options.cache);
    return status;
}

}  // namespace relux::cli

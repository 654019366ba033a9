#include "tools/running/run_stage.h"

#include <chrono>
#include <string>
#include <unistd.h>
#include <unordered_map>
#include <utility>

#include "tools/history/history_runs.h"
#include "tools/project/ci_protocols.h"
#include "tools/screen/live_view.h"
#include "vm/report/plain_progress.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

/// Looks up what the latest run tells of these tests.
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

Result<std::unique_ptr<report::TraceFile>> create_trace(const std::optional<fs::path>& file) {
    if (!file) return std::unique_ptr<report::TraceFile>();
    auto created = report::TraceFile::create(*file, ::getpid());
    if (created) (*created)->write_in_background();
    return created;
}

}  // namespace

RunStage::RunStage(RunPlan& plan, std::unique_ptr<report::TraceFile> trace, RunDirectory directory,
                   std::unique_ptr<io::Loop> loop)
    : plan_(plan),
      trace_(std::move(trace)),
      directory_(std::move(directory)),
      loop_(std::move(loop)),
      space_(directory_.path, plan.suite.tests.size()),
      console_(STDERR_FILENO) {}

Result<std::unique_ptr<RunStage>> RunStage::open(RunPlan& plan, const RunOptions& options) {
    const auto& suite = plan.suite;
    auto trace = create_trace(options.trace_file);
    if (!trace) return trace.error();
    // Before this run becomes the latest.
    auto known = LiveView::possible() ? known_durations(suite.project.root, suite.tests) : KnownDurations();
    auto directory = create_run_directory(suite.project.root, std::chrono::system_clock::now(),
                                          suite.project.manifest.report_mode);
    if (!directory) return directory.error();
    auto loop = io::make_uv_loop();
    if (!loop) return loop.error();
    std::unique_ptr<RunStage> stage(
        new RunStage(plan, std::move(*trace), std::move(*directory), std::move(*loop)));
    complete_settings(suite, stage->directory_, plan.settings);
    auto& console = stage->console_;
    warn_of_hidden_processes(console);
    console.print_result(suite.diagnostics);
    console.print(report::running_line(suite.tests.size()));
    stage->progress_ = make_progress(options, suite, std::move(known), plan.settings.jobs, console);
    return stage;
}

run::SuiteResult RunStage::perform() {
    return run::run_suite(*loop_, *plan_.suite.program, plan_.suite.tests, plan_.settings, *progress_,
                          {trace_.get(), nullptr});
}

Status RunStage::close_trace(HeldInterrupts& held) {
    if (!trace_) return Done{};
    return trace_->close([&held] { return held.told_to_end(); });
}

void RunStage::settle(const std::vector<report::TestResult>& results) {
    if (plan_.incremental) {
        const auto recorded = plan_.incremental->record(plan_.suite, results, directory_.run_id);
        if (!recorded) {
            console_.print_result(
                "warning: nothing is remembered for --incremental: " + recorded.error().message + "\n");
        }
    }
    space_.give_back();
}

}  // namespace relux::cli

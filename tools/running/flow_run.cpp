#include "tools/running/flow_run.h"

#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_set>

#include "tools/cli/output.h"
#include "tools/project/ci_protocols.h"
#include "tools/project/environment.h"
#include "tools/project/project.h"
#include "tools/project/suite_source.h"
#include "tools/running/run_directory.h"
#include "tools/running/run_reports.h"
#include "tools/screen/console.h"
#include "tools/screen/live_view.h"
#include "vm/base/text.h"
#include "vm/exec/program.h"
#include "vm/io/loop.h"
#include "vm/report/plain_progress.h"
#include "vm/report/run_summary.h"
#include "vm/report/secrets.h"
#include "vm/run/suite.h"
#include "vm/run/test_slug.h"

namespace relux::cli {

namespace {

using report::OutcomeKind;
using report::TestResult;

/// `Cache Tests (tests/all.yaml#2)`
std::string title(const compiler::CompiledWorkflow& workflow) {
    return visible(workflow.name, false) + " (" + visible(workflow.file, false) + "#" +
           std::to_string(workflow.document) + ")";
}

/// Both streams go to one terminal, so that what is shown on one stands in the way of the other.
bool same_terminal(int one, int other) {
    struct stat first {};
    struct stat second {};
    return ::isatty(one) == 1 && ::isatty(other) == 1 && ::fstat(one, &first) == 0 &&
           ::fstat(other, &second) == 0 && first.st_rdev == second.st_rdev;
}

/// Decides what is printed, and where: results on standard output, what runs on standard error. On one
/// terminal both go the same way, since lines must not run into what is drawn below them.
class FlowScreen {
  public:
    FlowScreen(const std::vector<run::TestCase>& tests, int jobs, Progress wanted)
        : output_(STDOUT_FILENO), error_(STDERR_FILENO) {
        const bool live = wanted == Progress::Live || (wanted == Progress::Auto && !host_variable("CI"));
        if (live && LiveView::possible()) {
            shared_ = same_terminal(STDOUT_FILENO, STDERR_FILENO);
            progress_ = std::make_unique<LiveView>(shared_ ? output_ : error_, tests, KnownDurations(), jobs,
                                                   "workflows");
            return;
        }
        if (wanted == Progress::Live)
            error_.print("warning: --progress tui needs a terminal on standard error; progress is plain\n");
        progress_ = std::make_unique<RunProgress>(error_);
    }

    RunProgress& progress() { return *progress_; }
    /// Lines of the result, while workflows run.
    void print(std::string_view lines) {
        if (shared_) return progress_->print(lines);
        output_.print(lines);
    }
    void finish(std::string_view result, std::string_view notes, HeldInterrupts& held) {
        output_.print_result(result);
        output_.finish(held);
        error_.print_result(notes);
        error_.finish(held);
    }
    Console& error() { return error_; }

  private:
    Console output_;
    Console error_;
    bool shared_ = false;
    std::unique_ptr<RunProgress> progress_;
};

/// One block for each workflow, in queue order; line by line when only one runs at a time.
class FlowProgress final : public run::RunListener {
  public:
    /// `secrets`: those that are known before anything runs; lines of steps come masked.
    FlowProgress(const std::vector<run::TestCase>& tests,
                 const std::vector<compiler::CompiledWorkflow>& workflows, bool live, FlowScreen& screen,
                 const report::SecretSearch& secrets)
        : screen_(screen),
          secrets_(secrets),
          tests_(tests),
          workflows_(workflows),
          live_(live),
          blocks_(tests.size()),
          done_(tests.size(), false) {}

    void on_run_started(const run::RunMonitor& monitor) override {
        screen_.progress().on_run_started(monitor);
    }
    void on_run_finished() override { screen_.progress().on_run_finished(); }
    void on_interrupted() override { screen_.progress().on_interrupted(); }
    void on_shortage(const std::string& why) override { screen_.progress().on_shortage(why); }
    void on_test_started(const run::TestCase& test) override {
        const auto number = number_of(test);
        started_.insert(number);
        screen_.progress().on_test_started(test);
        add(number, secrets_.mask("workflow: " + title(workflows_[number]) + "\n"));
    }
    void on_output(const run::TestCase& test, std::string_view text) override { add(number_of(test), text); }
    void on_test_finished(const run::TestCase& test, const TestResult& result) override {
        done_[number_of(test)] = true;
        screen_.progress().count(result);
        for (; next_ < done_.size() && done_[next_]; ++next_)
            screen_.print(std::exchange(blocks_[next_], {}));
    }

    bool started(std::size_t number) const { return started_.contains(number); }

  private:
    std::size_t number_of(const run::TestCase& test) const {
        return static_cast<std::size_t>(&test - tests_.data());
    }
    void add(std::size_t number, std::string_view text) {
        if (live_) return screen_.print(text);
        blocks_[number] += text;
    }

    FlowScreen& screen_;
    const report::SecretSearch& secrets_;
    const std::vector<run::TestCase>& tests_;
    const std::vector<compiler::CompiledWorkflow>& workflows_;
    bool live_;
    std::vector<std::string> blocks_;
    std::vector<bool> done_;
    std::unordered_set<std::size_t> started_;
    std::size_t next_ = 0;  ///< the first whose block is not printed
};

run::RunSettings settings_of(const FlowRunOptions& options, std::size_t workflows) {
    run::RunSettings settings;
    settings.jobs =
        static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(options.concurrency), workflows));
    settings.fail_fast = options.fail_fast;
    settings.fail_fast_ends_running = false;
    settings.reports = report::any_wanted(options.reports);
    settings.deepest_call = options.deepest_call;
    // Only steps have time-outs here.
    settings.timeout.test = settings.timeout.suite = Duration::max();
    settings.environment = host_environment_for_shells(settings.shell.term);
    // Nothing is written there; it names what belongs to this run.
    settings.run_directory = "/tmp/relux-flow-" + std::to_string(::getpid());
    return settings;
}

std::string summary(const std::vector<compiler::CompiledWorkflow>& workflows,
                    const std::vector<TestResult>& results, const FlowProgress& progress, bool& all_passed) {
    std::size_t passed = 0, failed = 0, skipped = 0;
    std::string text = "summary:\n";
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].outcome == OutcomeKind::Passed) {
            ++passed;
            text += "  PASSED  ";
        } else if (progress.started(i)) {
            ++failed;
            text += "  FAILED  ";
        } else {
            ++skipped;
            text += "  SKIPPED ";
        }
        text += title(workflows[i]) + "\n";
    }
    all_passed = passed == results.size();
    return text + count_of(results.size(), "workflow") + ": " + std::to_string(passed) + " passed, " +
           std::to_string(failed) + " failed, " + std::to_string(skipped) + " skipped\n";
}

/// The log directories of the workflows are in `texts`, which the cases point into.
std::vector<run::TestCase> test_cases(const std::vector<compiler::CompiledWorkflow>& workflows,
                                      Texts& texts) {
    std::vector<run::TestCase> tests;
    run::SlugNumbers slugs(workflows.size());
    for (const auto& workflow : workflows) {
        run::TestCase test;
        test.module = workflow.module;
        test.number = workflow.test;
        test.path = workflow.file;
        test.file = workflow.file;
        test.name = workflow.name;
        test.module_logs = texts.emplace_back(log_directory(workflow.module));
        test.namesake = slugs.number(test.module_logs, test.name);
        tests.push_back(std::move(test));
    }
    return tests;
}

/// The reports of a run that has them; a note of where they are. False: not all are there.
bool write_flow_reports(const run::SuiteResult& result, const RunDirectory& directory,
                        const FlowRunOptions& options, Console& console, std::string& note) {
    const report::RunSummary summary{directory.run_id, directory.timestamp, host_name(), result.duration,
                                     result.results};
    note = "reports: " + report::file_url(directory.path / "index.html") + "\n";
    Project project;
    std::error_code error;
    project.root = std::filesystem::current_path(error);
    project.manifest.name = "workflows";
    return write_reports(summary, directory.path, project, options.reports, console);
}

}  // namespace

int run_workflows(compiler::CompiledWorkflows workflows, const FlowRunOptions& options) {
    Texts texts;
    const auto tests = test_cases(workflows.workflows, texts);
    auto program = exec::Program::link(std::move(workflows.modules));
    if (!program) return complain(program.error().message);
    auto loop = io::make_uv_loop();
    if (!loop) return complain(loop.error().message);
    auto settings = settings_of(options, tests.size());
    std::optional<RunDirectory> directory;
    if (settings.reports) {
        std::error_code error;
        const auto here = std::filesystem::current_path(error);
        auto created = create_run_directory(here, std::chrono::system_clock::now());
        if (!created) return complain(created.error().message);
        directory = std::move(*created);
        settings.suite_root = here;
        settings.run_directory = directory->path;
        settings.run_id = directory->run_id;
    }
    const report::RunSecrets secrets({}, {&settings.environment});
    FlowScreen screen(tests, settings.jobs, options.progress);
    FlowProgress progress(tests, workflows.workflows, settings.jobs == 1, screen, secrets.search());
    const auto result = run::run_suite(**loop, **program, tests, settings, progress);
    HeldInterrupts held(result.interrupted);
    bool all_passed = false;
    const auto lines = summary(workflows.workflows, result.results, progress, all_passed);
    std::string note;
    const bool written = !directory || write_flow_reports(result, *directory, options, screen.error(), note);
    screen.finish(secrets.search().mask(lines), note, held);
    if (result.interrupted) return kInterrupted;
    if (!written && all_passed) return kUsage;
    return all_passed ? kSuccess : kFailure;
}

}  // namespace relux::cli

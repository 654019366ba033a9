#include "tools/cli/flow_run.h"

#include <algorithm>
#include <csignal>
#include <unistd.h>
#include <unordered_set>

#include "tools/cli/console.h"
#include "tools/cli/environment.h"
#include "tools/cli/output.h"
#include "vm/base/text.h"
#include "vm/exec/program.h"
#include "vm/io/loop.h"
#include "vm/run/suite.h"

namespace relux::cli {

namespace {

using report::OutcomeKind;
using report::TestResult;

/// `Cache Tests (tests/all.yaml#2)`
std::string title(const compiler::CompiledWorkflow& workflow) {
    return visible(workflow.name, false) + " (" + visible(workflow.file, false) + "#" +
           std::to_string(workflow.document) + ")";
}

/// One block for each workflow, in queue order; line by line when only one runs at a time.
class FlowProgress final : public run::RunListener {
  public:
    FlowProgress(const std::vector<run::TestCase>& tests,
                 const std::vector<compiler::CompiledWorkflow>& workflows, bool live, Console& console)
        : console_(console),
          tests_(tests),
          workflows_(workflows),
          live_(live),
          blocks_(tests.size()),
          done_(tests.size(), false) {}

    void on_test_started(const run::TestCase& test) override {
        const auto number = number_of(test);
        started_.insert(number);
        add(number, "workflow: " + title(workflows_[number]) + "\n");
    }
    void on_output(const run::TestCase& test, std::string_view text) override { add(number_of(test), text); }
    void on_test_finished(const run::TestCase& test, const TestResult&) override {
        done_[number_of(test)] = true;
        for (; next_ < done_.size() && done_[next_]; ++next_)
            console_.print(std::exchange(blocks_[next_], {}));
    }

    bool started(std::size_t number) const { return started_.contains(number); }

  private:
    std::size_t number_of(const run::TestCase& test) const {
        return static_cast<std::size_t>(&test - tests_.data());
    }
    void add(std::size_t number, std::string_view text) {
        if (live_) return console_.print(text);
        blocks_[number] += text;
    }

    Console& console_;
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
    settings.reports = false;
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

}  // namespace

int run_workflows(compiler::CompiledWorkflows workflows, const FlowRunOptions& options) {
    std::vector<run::TestCase> tests;
    for (std::size_t i = 0; i < workflows.workflows.size(); ++i) {
        const auto& workflow = workflows.workflows[i];
        run::TestCase test;
        test.module = workflow.module;
        test.number = workflow.test;
        test.path = workflow.file;
        test.name = workflow.name;
        test.module_logs = "flow";
        test.namesake = static_cast<std::uint32_t>(i + 1);
        tests.push_back(std::move(test));
    }
    auto program = exec::Program::link(std::move(workflows.modules));
    if (!program) return complain(program.error().message);
    auto loop = io::make_uv_loop();
    if (!loop) return complain(loop.error().message);
    const auto settings = settings_of(options, tests.size());
    Console console(STDOUT_FILENO);
    FlowProgress progress(tests, workflows.workflows, settings.jobs == 1, console);
    const auto result = run::run_suite(**loop, **program, tests, settings, progress);
    HeldInterrupts held(result.interrupted);
    bool all_passed = false;
    console.print_result(summary(workflows.workflows, result.results, progress, all_passed));
    console.finish(held);
    if (result.interrupted) return kInterrupted;
    return all_passed ? kSuccess : kFailure;
}

}  // namespace relux::cli

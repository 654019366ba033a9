#include "tools/screen/run_progress.h"

#include <csignal>

#include "tools/cli/output.h"
#include "vm/base/text.h"
#include "vm/report/plain_progress.h"

namespace relux::cli {

std::string describe_running(const run::RunMonitor& monitor, Duration since_start) {
    const auto running = monitor.running();
    auto text = "running for " + format_elapsed(since_start) + ": " + count_of(running.size(), "test") + "\n";
    for (const auto& test : running) {
        text += "  " + report::shown_name(test.test->path, test.test->slug()) + ", " +
                format_elapsed(test.elapsed) + "\n";
        if (test.at.empty()) text += "    shells are being ended\n";
        for (const auto& statement : test.at) {
            text += "    ";
            if (!statement.shell.empty()) text += "shell " + visible(statement.shell, false) + " at ";
            if (!statement.step.empty()) text += "step " + visible(statement.step, false) + " at ";
            text += visible(statement.place, false);
            if (!statement.waiting_for.empty()) text += ": " + statement.waiting_for;
            text += "\n";
        }
    }
    return text;
}

void RunProgress::on_run_started(const run::RunMonitor& monitor) {
    monitor_ = &monitor;
    started_ = monitor.loop().now();
    asked_ = monitor.loop().watch_signal(SIGUSR1, [this] { print_running(); });
}

// The question stays watched, unanswered: who asks while the reports are written must not end the runner.
void RunProgress::on_run_finished() {
    monitor_ = nullptr;
}

void RunProgress::on_test_finished(const run::TestCase&, const report::TestResult& result) {
    print(report::test_line(result));
}

void RunProgress::on_shortage(const std::string& why) {
    print("note: " + why + "\n");
}

void RunProgress::on_interrupted() {
    print("cleaning up, again to stop now\n");
}

void RunProgress::print(std::string_view lines) {
    console_.print(lines);
}

Duration RunProgress::elapsed() const {
    return monitor_->loop().now() - started_;
}

void RunProgress::print_running() {
    print(describe_running(*monitor_, elapsed()));
}

}  // namespace relux::cli

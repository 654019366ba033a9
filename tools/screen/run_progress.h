// Prints what a run says while it runs: plain lines as tests end, and on SIGUSR1 what every running test
// waits for.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tools/screen/console.h"
#include "vm/run/suite.h"

namespace relux::cli {

/// Describes what runs at this moment, for people: a line for each test and one for each shell in it.
std::string describe_running(const run::RunMonitor& monitor, Duration since_start);

/// One whole line on standard error per test, so parallel tests never tear them.
class RunProgress : public run::RunListener {
  public:
    /// `console` outlives it.
    explicit RunProgress(Console& console) : console_(console) {}
    void on_run_started(const run::RunMonitor& monitor) override;
    void on_run_finished() override;
    void on_shortage(const std::string& why) override;
    void on_interrupted() override;
    bool wants_starts() const override { return false; }
    void on_test_started(const run::TestCase&) override {}
    void on_test_finished(const run::TestCase& test, const report::TestResult& result) override;
    /// In place of on_test_finished(), where somebody else prints what there is to say of the test.
    virtual void count(const report::TestResult&) {}
    /// Whether the failure of each test has been shown when it came.
    virtual bool has_shown_failures() const { return false; }
    /// Whole lines, beside what else is shown.
    virtual void print(std::string_view lines);

  protected:
    /// Null before and after the run.
    const run::RunMonitor* monitor() const { return monitor_; }
    Duration elapsed() const;
    Console& console() const { return console_; }
    void print_running();

  private:
    Console& console_;
    const run::RunMonitor* monitor_ = nullptr;
    io::Time started_{0};
    std::unique_ptr<io::Watch> asked_;
};

}  // namespace relux::cli

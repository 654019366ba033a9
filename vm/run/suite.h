// Runs the tests of a linked program: many at once on one loop, each with shells, effects and ports of its
// own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/duration.h"
#include "vm/exec/program.h"
#include "vm/io/loop.h"
#include "vm/report/outcome.h"
#include "vm/report/run_statistics.h"
#include "vm/report/trace_file.h"
#include "vm/run/base_environment.h"
#include "vm/run/machine_load.h"
#include "vm/run/margins.h"
#include "vm/run/run_settings.h"

namespace relux::run {

/// One test to run, or one that is known not to be runnable.
/// Views, because a large suite has tens of thousands of them before the first one runs: what they point to
/// outlives the run.
struct TestCase {
    std::string_view module;       ///< of the program, by name; empty: invalid, `invalid_reason` says why
    std::uint32_t number = 0;      ///< among the module's tests
    std::uint32_t namesake = 1;    ///< above 1: keeps slug() apart from that of a test with the same one
    std::string_view path;         ///< as TestResult::path
    std::string_view name;         ///< as written
    std::string_view file;         ///< as TestResult::file
    std::uint32_t line = 0;        ///< in `file`, of an invalid one; 0: unknown
    std::string_view module_logs;  ///< below the run directory: `logs/relux/tests/tasks/smoke`
    std::string_view invalid_reason;
    std::string_view cached_because;  ///< not run but passed, and why that is known; empty: it runs
    /// The variables that the test's own directory sets; null: RunSettings::environment. Outlives the run.
    const EnvironmentLayer* environment = nullptr;

    /// The slug of this test alone in its file: `task-crud`, and `task-crud-2` for another test with that
    /// slug. Empty for a file whose tests are not known.
    std::string slug() const;
    /// Below the run directory, of this test alone: `logs/relux/tests/tasks/smoke/task-crud`.
    /// Empty for an invalid test.
    std::string log_directory() const;
};

/// Where one statement is now.
struct RunningStatement {
    std::string shell;        ///< empty outside shells
    std::string step;         ///< of a workflow: `fetch [http]`; empty elsewhere
    std::string place;        ///< `relux/tests/tasks.relux:14`
    std::string waiting_for;  ///< `waiting for ^ok$, 1.2 s of 5s`; empty: it runs
};

struct RunningTest {
    const TestCase* test = nullptr;
    Duration elapsed{0};               ///< of the attempt that runs
    std::vector<RunningStatement> at;  ///< outermost first; empty: shells are ended, or nothing has begun yet
};

/// Tells what runs at this moment. Lives as long as the run.
class RunMonitor {
  public:
    virtual ~RunMonitor() = default;
    /// In the order in which they were started.
    virtual std::vector<RunningTest> running() const = 0;
    virtual io::Loop& loop() const = 0;
};

/// Hears what happens, on the loop's thread, in the order in which it happens.
class RunListener {
  public:
    virtual ~RunListener() = default;
    /// Before any test. What is kept of the monitor ends with on_run_finished().
    virtual void on_run_started(const RunMonitor&) {}
    /// Shells have to wait for descriptors or terminals; once in a run.
    virtual void on_shortage(const std::string&) {}
    /// A signal ends the run: what runs is being cleaned up, and the next signal stops that.
    virtual void on_interrupted() {}
    /// After the last test; the loop is still there.
    virtual void on_run_finished() {}
    /// False: it makes nothing of on_test_started(), which need not be called.
    virtual bool wants_starts() const { return true; }
    virtual void on_test_started(const TestCase& test) = 0;
    /// A workflow shows something: whole lines, masked. They are in TestResult::output too.
    virtual void on_output(const TestCase&, std::string_view) {}
    virtual void on_test_finished(const TestCase& test, const report::TestResult& result) = 0;
};

struct SuiteResult {
    std::vector<report::TestResult> results;  ///< one per test, in the order given
    Duration duration{0};
    bool interrupted = false;
    std::size_t patterns_compiled = 0;
    MatchMargins margins;              ///< points into the program
    report::RunStatistics statistics;  ///< of the tests; what is known of the process is left open
};

/// A run is watched with these. All outlive it.
struct RunInstruments {
    report::TraceFile* trace = nullptr;  ///< null: none is written. It is left open
    MachineLoad* machine = nullptr;      ///< for `-j auto`; null: this machine
};

/// Modules are loaded as their tests start; a test whose module can't be is invalid. Runs to the end, through
/// interrupts and time-outs; when it returns, no process that a test started is left and every log is
/// written.
SuiteResult run_suite(io::Loop& loop, exec::Program& program, const std::vector<TestCase>& tests,
                      const RunSettings& settings, RunListener& listener,
                      const RunInstruments& instruments = {});

}  // namespace relux::run

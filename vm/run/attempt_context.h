// One attempt at one test: what its shells, effects and cleanups share. It is the machine's Host, keeps the
// event log, the first failure and the ports, and decides when everything stops. It knows nothing of
// scheduling.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vm/exec/host.h"
#include "vm/exec/interp.h"
#include "vm/exec/shell_need.h"
#include "vm/io/loop.h"
#include "vm/io/task.h"
#include "vm/match/long_search.h"
#include "vm/match/pattern.h"
#include "vm/report/event_log.h"
#include "vm/report/outcome.h"
#include "vm/report/run_statistics.h"
#include "vm/report/secrets.h"
#include "vm/report/test_report.h"
#include "vm/run/activity.h"
#include "vm/run/base_environment.h"
#include "vm/run/early_shell.h"
#include "vm/run/margins.h"
#include "vm/run/port_pool.h"
#include "vm/run/run_settings.h"
#include "vm/run/run_trace.h"
#include "vm/run/shell_pool.h"

namespace relux::run {

class ChunkRun;
struct TestCase;

/// How many shells there are, over all tests of a run.
class OpenShells {
  public:
    void add();
    void remove() { count_.fetch_sub(1, std::memory_order_relaxed); }
    std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
    std::uint64_t most() const { return most_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> count_ = 0;
    std::atomic<std::uint64_t> most_ = 0;
};

/// What all tests of one run share, whatever thread they are on.
struct SharedResources {
    explicit SharedResources(const RunSettings& settings);

    PortPool ports;
    OpenShells shells;
    ShellPool pool;
    MemoryBudget memory;  ///< for unread output and events
};

/// What the tests of one run share on one loop.
struct RunResources {
    io::Loop& loop;
    const RunSettings& settings;
    SharedResources& shared;
    match::PatternCache& patterns;
    /// Shells that have ended; destroyed from a fresh callback, never inside one of their own.
    std::vector<std::unique_ptr<io::ShellIo>> retired;
    MatchMargins margins = {};
    report::RunSecrets secrets = {};
    const exec::Program* program = nullptr;
    report::QuotedText quoted_source = {};
    /// Gets what workflows show, as it comes about; may be null.
    std::function<void(const TestCase&, std::string_view)> on_output = nullptr;
    report::RunStatistics statistics = {};
    RunTrace* trace = nullptr;  ///< null: nobody wants one
    /// Called with the time from a send to the output after it; empty: nobody wants to know.
    std::function<void(Duration)> on_round_trip = {};

    void retire(std::unique_ptr<io::ShellIo> shell);
};

class AttemptContext : public exec::Host {
  public:
    /// `layer` is as TestCase::environment; `attempt`, from 0, keeps the processes of tries apart.
    AttemptContext(RunResources& resources, std::filesystem::path log_directory, double attempt_multiplier,
                   const EnvironmentLayer* layer = nullptr, int attempt = 0);
    ~AttemptContext() override;

    /// The attempt begins now.
    void begin() { started_ = loop().now(); }
    RunResources& resources() { return resources_; }
    io::Loop& loop() { return resources_.loop; }
    const RunSettings& settings() const { return resources_.settings; }
    BaseEnvironment& environment() { return environment_; }
    const std::filesystem::path& log_directory() const { return log_directory_; }
    /// `__RELUX_SHELL_ID=…`, in the environment of all that `name` starts, by which it is found again.
    std::string owner_mark(std::string_view name) const;
    exec::Interpreter& interpreter() { return interpreter_; }
    Activity& activity() { return activity_; }

    /// Time since the attempt began.
    Duration elapsed() const { return resources_.loop.now() - started_; }
    /// The multiplier of tolerances: `-m` times that of the flaky attempt.
    double multiplier() const { return multiplier_; }
    Duration scale(Duration tolerance) const;

    /// Records the first failure and stops the test; later ones are consequences and are dropped.
    void fail(report::Failure failure);
    /// More is known about the failure that there is: its first line and the output that it shows.
    void amend_failure(const report::Failure& failure);
    /// Called once, when the failure is there and before anything has been stopped.
    std::function<void()> on_failed;
    const std::optional<report::Failure>& failure() const { return failure_; }
    /// Adds a sentence to the failure that there is.
    void explain_failure(std::string sentence) { failure_->notes.push_back(std::move(sentence)); }
    /// Somebody wants the run to end, or the next attempt waits: explaining must not take time any more.
    bool interrupted() const { return interrupted_; }
    void interrupt() { interrupted_ = true; }
    void warn(std::string message, const report::EventPlace& place = {});
    std::vector<std::string> take_warnings() { return std::move(warnings_); }

    /// Of the test, all that it starts included.
    exec::ShellNeed shell_need;

    /// What runs at this moment, outermost first; for the chain of a failure that comes from outside.
    std::vector<ChunkRun*> chunk_runs;

    /// The number of the record among those of its class; 0 when the log is full.
    std::uint32_t record(report::EventKind kind, const report::EventPlace& place,
                         std::initializer_list<report::Field> fields);
    /// A text of an event that has been recorded is another one from now on. The trace keeps the old one.
    void amend_event(std::uint32_t number, std::size_t field, std::string_view text) {
        if (number != 0) events_.amend(report::RecordClass::Event, number, field, text);
    }
    /// From here on all that is recorded goes to the trace too, if there is one. `path` and `name` are those
    /// of the test, and outlive this.
    void begin_trace(int slot, const std::string& path, const std::string& name, int attempt);
    /// Null: there is none.
    AttemptTrace* trace() { return trace_.get(); }
    /// A wait has ended that may be one of the slowest of the run.
    void note_wait(report::SlowWait wait) { slow_waits_.add(std::move(wait)); }
    bool notes_wait(Duration duration) const {
        return slow_waits_.admits(duration) && resources_.statistics.slowest_waits.admits(duration);
    }
    /// Adds this attempt and its slowest waits to the statistics of the run.
    void count_attempt(const report::TestResult& result);
    /// Output that has arrived. Past a limit only its size is recorded; all of it is in the shell's log.
    void record_output(const report::EventPlace& place, std::string_view bytes);
    void end_span(std::uint32_t span);
    void end_span(std::uint32_t span, std::string_view result);
    /// Where what the interpreter does next belongs: the span and shell of `place`.
    void set_note_place(const report::EventPlace& place);
    /// The span of what the interpreter does, or did last: of the pure function that runs, if there is one.
    std::uint32_t note_span() const { return pure_calls_.empty() ? note_place_.span : pure_calls_.back(); }
    const report::EventLog& events() const { return events_; }
    report::Secrets& secrets() { return secrets_; }
    const report::Secrets& secrets() const { return secrets_; }
    /// What has been read of the base environment.
    const std::map<std::string, std::string, std::less<>>& environment_read() const { return read_; }
    /// What its shells were sent names; empty unless RunSettings::notes_sends.
    report::SentNames& sent_names() { return sent_names_; }
    /// Names that were read and are not set.
    const std::set<std::string, std::less<>>& unset_read() const { return unset_read_; }
    /// What which() was asked, and found; empty: nothing.
    const std::map<std::string, std::string>& executables() const { return executables_; }
    const std::vector<report::ShellRecord>& shells() const { return shells_; }
    void progress(std::string_view text) { progress_ += text; }
    const std::string& progress() const { return progress_; }

    /// A name for log files that no other shell of this attempt has.
    std::string unique_shell_name(std::string name);
    /// The shell's number, from 1.
    std::uint32_t add_shell(std::string name, std::string marker) {
        shells_.push_back({std::move(name), std::move(marker)});
        return static_cast<std::uint32_t>(shells_.size());
    }

    /// How a shell of this attempt is started; `environment` is complete.
    io::ShellOptions shell_options(const std::string& log_name, std::vector<std::string> environment) const;
    /// Starts a shell that this attempt will probably need, and for which there is a reservation.
    void start_early_shell(io::ShellOptions options);
    /// One that was started early with these options, with what it has printed; null: there is none.
    std::unique_ptr<io::ShellIo> take_early_shell(const io::ShellOptions& options,
                                                  io::ShellListener& listener, std::string& output);
    /// Ends those that nobody has taken.
    io::Task<void> end_early_shells();

    // exec::Host
    std::optional<std::string_view> base_environment(std::string_view name) override;
    Result<int> available_port() override;
    std::int64_t wall_clock_nanoseconds() override;
    void random_bytes(std::span<unsigned char> bytes) override;
    Result<exec::SearchAnswer> search(std::string_view pattern, std::string_view subject) override;
    /// The interpreter in which a long search is left to finish_search().
    exec::Exit run_interpreter(exec::Fiber& fiber);
    /// Makes the search that the interpreter has just stopped for beside the loop. Call run_interpreter()
    /// right after it, with the same fiber.
    io::Task<void> finish_search();
    /// Runs it on another thread.
    io::Task<void> run_beside(const std::shared_ptr<match::LongSearch>& search);
    void environment_read(std::string_view name, std::optional<std::string_view> value) override;
    void note(const exec::Note& note) override;
    void give_back_ports();

    /// What the event of a call says of the function: a reference of the calling module.
    static std::int64_t callee_number(const exec::LinkedModule& caller, std::uint32_t reference);
    static std::vector<std::string_view> callee_parameters(const exec::Program& program, std::int64_t number);

  private:
    report::EventPlace place_of(const report::Failure& failure) const;
    /// record() at the moment of the last event, with what EventLog::record_each() takes.
    template <class... Fields>
    std::uint32_t record_now(report::EventKind kind, const report::EventPlace& place,
                             const Fields&... fields);
    void end_pure_call(std::string_view result);
    void begin_pure_call(const exec::Note& note, const report::EventPlace& place, bool native);
    void record_check(const report::EventPlace& place, const exec::Note& note);
    RunResources& resources_;
    std::filesystem::path log_directory_;
    std::filesystem::path owner_directory_;  ///< names all that belongs to this attempt; need not be there
    double multiplier_;
    BaseEnvironment environment_;
    exec::Interpreter interpreter_;
    Activity activity_;
    Duration started_;
    std::optional<report::Failure> failure_;
    std::uint32_t failed_event_ = 0;
    bool interrupted_ = false;
    std::vector<std::string> warnings_;
    report::EventLog events_;
    std::unique_ptr<AttemptTrace> trace_;
    report::Slowest<report::SlowWait> slow_waits_;
    std::size_t output_recorded_ = 0;
    report::Secrets secrets_;
    std::map<std::string, std::string, std::less<>> read_;
    std::set<std::string, std::less<>> unset_read_;
    /// What search() did not finish, and afterwards what finish_search() has found.
    std::shared_ptr<match::LongSearch> value_search_;
    bool leaves_long_searches_ = false;
    std::map<std::string, std::string> executables_;
    report::SentNames sent_names_;
    report::EventPlace note_place_;
    std::vector<std::uint32_t> pure_calls_;  ///< spans of the pure functions that run now
    Duration event_time_{};                  ///< of the last event
    std::string progress_;
    std::vector<std::string> shell_names_;
    std::vector<report::ShellRecord> shells_;
    std::vector<std::unique_ptr<EarlyShell>> early_shells_;
    std::vector<int> ports_;
};

}  // namespace relux::run

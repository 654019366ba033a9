// One shell of a test: its process and terminal, output buffer, cursor, time-out, fail pattern and logs. The
// operations are coroutines, one at a time; they end early, with `false` or nothing, once the activity is
// stopped. This is the only place that waits on a shell.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vm/exec/interp.h"
#include "vm/io/loop.h"
#include "vm/io/task.h"
#include "vm/match/matcher.h"
#include "vm/match/output_buffer.h"
#include "vm/report/outcome.h"
#include "vm/report/shell_log.h"
#include "vm/run/activity.h"
#include "vm/run/attempt_context.h"
#include "vm/run/near_miss.h"
#include "vm/run/prompt_watch.h"
#include "vm/run/sent_lines.h"

namespace relux::run {

/// A time-out in force and where it was written.
struct ShellTimeout {
    bool assertion = false;
    Duration written{0};
    std::string origin;
    report::EventPlace place = {};  ///< of the statement; without a module: it is the configured default
};

/// A fail pattern in force. Shared by the shell and by saved states of callers.
struct FailPattern {
    std::shared_ptr<const match::Pattern> pattern;
    std::string set_at;  ///< `relux/tests/a.relux:4`
    match::Matcher matcher;
};

/// What a function call saves and gets back (language 7, 8).
struct ShellState {
    ShellTimeout timeout;
    std::shared_ptr<FailPattern> fail_pattern;
};

/// Why an operation did not succeed; `chain` is added by whoever knows the program.
using ShellFailure = report::Failure;

/// What a shell has been opened for.
enum class ShellPurpose {
    Block,    ///< the shell blocks of a test or an effect, which name it
    Cleanup,  ///< a cleanup block
};

class Shell : public io::ShellListener, public Wakeable {
  public:
    /// `environment` is complete. `name` is what users call it, in messages; that of a cleanup is its own.
    Shell(AttemptContext& test, Activity& activity, ShellPurpose purpose, std::string name,
          std::string log_name, std::vector<std::string> environment);
    ~Shell() override;

    const std::string& name() const { return name_; }
    /// What people see where a running test is shown: a cleanup's shell has no name of theirs.
    std::string shown_name() const { return purpose_ == ShellPurpose::Cleanup ? "cleanup" : name_; }
    /// What it is called in the test or effect that has opened it.
    const std::string& own_name() const { return own_name_; }
    /// From here on it is called `name`.
    void rename(std::string name) { name_ = std::move(name); }
    std::uint32_t number() const { return number_; }
    bool stopped() const { return activity_.stopped(); }

    /// A process that end() had to kill, or a daemon that it found, and what it came from.
    struct Leftover {
        std::string text;  ///< `1234 python3 server.py, started by the statement at relux/tests/a.relux:4`
    };
    const std::vector<Leftover>& leftovers() const { return leftovers_; }

    /// Opens the process and waits for its prompt (language 5.3).
    io::Task<bool> start();
    /// Language 6.1: waits for the reader, then writes.
    io::Task<bool> send(std::string_view text, bool newline);
    /// Writes at once, whoever reads.
    io::Task<bool> send_control(std::string_view bytes);
    struct Matched {
        exec::Value text;
        exec::Captures captures;
    };
    io::Task<std::optional<Matched>> match(const exec::PatternSpec& pattern,
                                           const exec::TimeoutSpec& timeout);
    /// Language 14: the prompt, where the shell then waits for input.
    io::Task<bool> match_prompt();
    io::Task<bool> multi_match(const std::vector<exec::PatternSpec>& patterns,
                               const exec::TimeoutSpec& timeout);
    io::Task<bool> sleep(Duration duration);
    /// Waits for the loop to have gone round once, so that timers and signals are seen. False when stopped.
    io::Task<bool> give_way();
    void reset_buffer();

    void set_timeout(const exec::TimeoutSpec& timeout, std::string origin);
    /// False: failure() says why; the fail pattern may have hit at once, which has stopped the test.
    bool set_fail_pattern(const exec::PatternSpec& pattern, std::string set_at);
    void clear_fail_pattern();
    /// The fail pattern's search in what has arrived goes on beside the loop. Nothing that the test says may
    /// happen before its end, or it would matter how long it takes.
    bool looks_for_fail_pattern() const { return fail_search_ != nullptr; }
    /// Returns when that is over, or all is stopped.
    io::Task<void> fail_pattern_looked_for();
    ShellState save_state() const { return {timeout_, fail_pattern_}; }
    void restore_state(ShellState state);

    /// Why the last operation failed, if it was not only stopped. Taken once.
    std::optional<ShellFailure> take_failure() { return std::exchange(failure_, std::nullopt); }

    /// After end(), when a match has timed out: how long after the time-out that what it waited for appeared
    /// while the shell was being ended, within as long again as the match had waited. Decides nothing, only
    /// explains.
    std::optional<Duration> lateness();

    /// Ends the process and all that descends from it; returns when nothing is left. Idempotent.
    /// `now`: kill without grace.
    io::Task<void> end(bool now);
    bool running() const { return io_ != nullptr && !exit_status_; }
    /// Hastens end(): kill without grace.
    void kill();

    /// Called when the fail pattern hits; adds what was executing and fails the test.
    std::function<void(ShellFailure)> on_fail_pattern;
    /// Called when more is known of the line that was hit than on_fail_pattern was told, at the latest by
    /// end(); has the first line of the failure, and the output.
    std::function<void(const ShellFailure&)> on_fail_line;
    /// When the fail pattern has hit a line that had not ended: reads on to its end, or until nothing has
    /// come for 100 ms, for 500 ms and 64 KiB at most. Not when somebody waits for this to end. end() does
    /// it, too.
    io::Task<void> finish_line();

    /// One block at a time (two effects may share an exposed shell).
    bool busy = false;
    io::Signal released;

    /// The statement that runs, for the record of who moved the cursor, and where the events of this shell
    /// belong. `module` outlives the shell.
    void set_statement(const exec::LinkedModule& module, const bytecode::Span& span) {
        statement_file_ = &module.code.name;
        statement_line_ = span.line;
        statement_span_ = span;
        module_ = module.number + 1;
    }
    /// The span of this shell's events.
    void set_span(std::uint32_t span) { span_ = span; }
    std::uint32_t span() const { return span_; }
    /// The span of the block that runs, or ran last.
    void set_block(std::uint32_t span) { block_ = span; }
    report::EventPlace place() const;
    /// What is still held of the output; views valid until output arrives.
    HeldOutput held_output() const;

    /// What the operation that runs waits for, and for how long by now: `waiting for ^ready$, 1.2 s of 5s`.
    /// Empty while it waits for nothing.
    std::string waiting_for() const;

    /// For failures that come from outside: the last output after the cursor.
    void describe_output(ShellFailure& failure) const;

    // io::ShellListener
    void on_output(std::string_view bytes) override;
    void on_output_closed() override;
    void on_exit(io::ExitStatus status) override;
    void on_ended() override { wake(); }
    // Wakeable
    void wake() override;

  private:
    enum class Wait : std::uint8_t { None, Prompt, Reader, Match, MultiMatch, Sleep };
    struct Waiting {
        Wait kind = Wait::None;
        std::string_view text;  ///< held by the operation that waits
        io::Time since{0};
        io::Time until{0};
    };
    /// Says what is waited for until it goes, and counts how long that was.
    class WaitGuard {
      public:
        WaitGuard(Shell& shell, const Waiting& waiting) : shell_(shell) { shell.waiting_ = waiting; }
        WaitGuard(const WaitGuard&) = delete;
        WaitGuard& operator=(const WaitGuard&) = delete;
        ~WaitGuard() {
            shell_.count_wait();
            shell_.waiting_ = Waiting();
        }

      private:
        Shell& shell_;
    };
    void count_wait();
    void count_output(std::size_t bytes);
    void count_work(report::ShellWork work, io::Time since);
    struct Deadline {
        io::Time start{0};
        io::Time at{0};
        ShellTimeout timeout;
    };
    Deadline deadline_for(const exec::TimeoutSpec& timeout);
    /// Makes the next wait on `changed_` end at `until` at the latest.
    void wake_at(io::Time until);
    /// Nothing has come for a while, and nothing waits to be read: what a match that could go on has so far
    /// is what it gets. A loop that was busy may be late for both.
    bool is_quiet(io::Time now) const;
    /// When to ask that again.
    io::Time quiet_at(io::Time now) const;
    /// True once the match can only fail: the shell is gone and nothing more will come.
    bool output_is_over();
    Result<std::shared_ptr<const match::Pattern>> compile(const exec::PatternSpec& pattern);
    void on_timer();
    void scan_fail_pattern(bool settled);
    /// A search that a matcher has not finished, beside the loop.
    struct SearchBeside;
    std::shared_ptr<SearchBeside> begin_search(const match::Matcher& matcher);
    void search_ended(const SearchBeside& search);
    /// Finishes the search of `matcher`, which is Unfinished. False: all was stopped before its end.
    io::Task<bool> finish_search(match::Matcher& matcher);
    void abandon_fail_search();
    void report_hit(const FailPattern& pattern);
    void describe_hit(ShellFailure& failure, std::string_view line) const;
    io::Task<void> await_line();
    void close_line();
    void fail(report::FailureKind kind, std::string summary);
    io::Task<void> fail_exited();
    /// What keeps a send from being written at this moment.
    enum class Hold : std::uint8_t {
        Nothing,
        Reader,   ///< nobody waits for input
        FarEnd,   ///< of a relay, which may not have come to read
        Unknown,  ///< the system does not tell
    };
    /// Where the shell itself waits, reads what it has printed before, so that its prompt is known.
    Hold look_for_reader();
    /// A look a moment ago has found the shell waiting, and nothing has been written or printed since.
    bool is_known_to_wait() const;
    /// `hold` is what a look has just found.
    io::Task<void> wait_for_reader(std::string_view text, Hold hold);
    void report_unread(std::string_view text, Duration held);
    bool put(std::string_view text, bool newline);
    enum class AtPrompt : std::uint8_t { Yes, NotYet, Unknown };
    AtPrompt look_for_prompt();
    void fail_match(const exec::PatternSpec& spec, const match::Matcher& matcher, const Deadline& deadline);
    /// Opens the process, when there are descriptors and terminals for it.
    io::Task<bool> open();
    /// It has a process, or has it no longer.
    void note_opened();
    void note_closed();
    io::Task<void> close_log();
    void note_leftovers();
    /// From here on what is started comes from the statement that runs.
    void set_sender();
    std::string sender_of(const io::LeftProcess& left) const;
    /// The statements that may have run when a process was started, which is known to a hundredth of a
    /// second.
    std::string senders_before(io::Time started) const;
    io::Task<bool> find_prompt();
    void add_timeout(const Deadline& deadline);
    void record_margin(const Deadline& deadline, bool timed_out);
    bool line_fits(std::string_view text, bool newline);
    /// `newline`: the last byte is one that the test did not write.
    void write(std::string_view bytes, bool newline = false);
    void release_output();
    /// Of much output that a waiting match has seen, what it can't need any more goes: as if consumed.
    void let_go(match::Position needed);
    /// Moves the cursor behind a match, or what else there was.
    void consume(match::Position end);
    /// Records a match, before the cursor moves.
    void record_matched(match::Position begin, match::Position end);
    report::RecordedTimeout recorded(const ShellTimeout& timeout) const;
    /// A span that the shell's events belong to until it ends.
    class OpenSpan {
      public:
        OpenSpan(Shell& shell, std::uint32_t span) : shell_(shell), outer_(shell.span_), span_(span) {
            if (span != 0) shell.span_ = span;
        }
        OpenSpan(const OpenSpan&) = delete;
        OpenSpan& operator=(const OpenSpan&) = delete;
        ~OpenSpan() {
            shell_.test_.end_span(span_);
            shell_.span_ = outer_;
        }

      private:
        Shell& shell_;
        std::uint32_t outer_;
        std::uint32_t span_;
    };
    void remember_line(std::string_view bytes);
    Matched take_match(const match::Matcher& matcher);

    AttemptContext& test_;
    Activity& activity_;
    const ShellPurpose purpose_;
    const std::string own_name_;
    std::string name_;  ///< in messages
    std::string log_name_;
    std::vector<std::string> environment_;  ///< until it is open
    std::uint32_t number_;
    std::unique_ptr<io::ShellIo> io_;
    std::unique_ptr<report::ShellLog> log_;
    std::unique_ptr<SentLines> sent_lines_;  ///< null: nobody wants to know
    match::OutputBuffer buffer_;
    std::vector<Consumption> consumptions_;  ///< the last ones, oldest first
    const std::string* statement_file_ = nullptr;
    std::uint32_t statement_line_ = 0;
    bytecode::Span statement_span_;
    std::uint32_t span_ = 0;
    std::uint32_t block_ = 0;
    std::uint32_t module_ = 0;          ///< its number plus 1
    std::uint64_t let_go_ = 0;          ///< unread bytes that let_go() took since the cursor was moved
    std::uint32_t buffer_seq_ = 0;      ///< number of the last thing that happened to the buffer, for the log
    match::Position line_sent_at_ = 0;  ///< end of the output when a line was sent last
    std::string last_line_;             ///< the last line sent; being built while `line_open_`
    bool line_open_ = false;
    ShellTimeout timeout_;
    std::shared_ptr<FailPattern> fail_pattern_;
    std::shared_ptr<SearchBeside> search_;       ///< of the operation that runs
    std::shared_ptr<SearchBeside> fail_search_;  ///< of the fail pattern
    /// The line that the fail pattern has hit, while it goes on.
    struct OpenLine {
        std::string pattern;
        std::string text;
        std::uint32_t event = 0;  ///< that has told the hit
        io::Time hit_at{0};
        std::size_t read_on = 0;  ///< bytes since the hit
        bool ended = false;

        void add(std::string_view bytes);
    };
    std::optional<OpenLine> open_line_;
    std::unique_ptr<io::Timer> timer_;
    io::Time timer_at_{
        0};  ///< when timer_ fires, if armed; may be earlier than wanted, since re-arming costs more
    io::Time wanted_;  ///< when the present wait wants to end
    std::unique_ptr<io::Timer> settle_timer_;
    io::Signal changed_;
    io::Time last_output_{0};
    std::optional<io::Time> unanswered_since_;  ///< of the first send that no output has followed
    io::Time exited_at_{0};
    std::size_t line_length_ = 0;  ///< bytes sent since the last newline
    std::optional<io::ExitStatus> exit_status_;
    std::optional<ShellFailure> failure_;
    /// The match whose time-out has failed the test, and what has come since.
    struct TimedOut {
        match::Matcher matcher;
        io::Time at{0};
        io::Time listen_until{0};
        match::Position seen = 0;  ///< of the output, at that time
        struct Arrival {
            match::Position end = 0;
            io::Time at{0};
        };
        std::vector<Arrival> arrivals = {};
    };
    std::optional<TimedOut> timed_out_;
    struct Sent {
        io::Time at{0};
        const std::string* file = nullptr;
        std::uint32_t line = 0;
    };
    std::vector<Sent> sent_;  ///< the last ones, in a ring
    std::size_t next_sent_ = 0;
    /// What the numbers of ShellIo::set_statement() mean, from 1: a process comes from one of the statements
    /// from the first to the last. Each that differs is there once, however often a loop sends it.
    struct Sender {
        const std::string* first_file = nullptr;
        const std::string* last_file = nullptr;
        std::uint32_t first_line = 0;
        std::uint32_t last_line = 0;
        bool operator==(const Sender&) const = default;
    };
    struct SenderHash {
        std::size_t operator()(const Sender& sender) const {
            constexpr std::uint64_t kMixer = 0x9e3779b97f4a7c15;
            const auto lines = std::uint64_t{sender.first_line} << 32 | sender.last_line;
            const std::hash<const std::string*> of_file;
            return static_cast<std::size_t>(((of_file(sender.first_file) * kMixer ^ lines) * kMixer) >> 16) ^
                   of_file(sender.last_file);
        }
    };
    std::uint32_t number_of(const Sender& sender);
    std::vector<Sender> senders_;
    std::unordered_map<Sender, std::uint32_t, SenderHash> sender_numbers_;  ///< places in `senders_`, from 1
    std::uint32_t last_sender_ = 0;                                         ///< its number
    std::vector<Leftover> leftovers_;
    PromptWatch prompts_;
    /// Of the last look that has found the shell waiting; a write ends it.
    struct KnownToWait {
        match::Position end = 0;
        io::Time at{0};
    };
    std::optional<KnownToWait> known_to_wait_;
    bool is_open_ = false;
    Waiting waiting_;
    bool ending_ = false;
    bool ended_ = false;
};

}  // namespace relux::run

// One shell of a test. The operations are coroutines, one at a time; they end early, with `false` or nothing,
// once the activity is stopped. What they are made of, each with one job, is in shell_parts.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/exec/interp.h"
#include "vm/io/loop.h"
#include "vm/io/task.h"
#include "vm/report/outcome.h"
#include "vm/run/activity.h"
#include "vm/run/attempt_context.h"
#include "vm/run/near_miss.h"
#include "vm/run/shell_fail_watch.h"
#include "vm/run/shell_input.h"
#include "vm/run/shell_late_look.h"
#include "vm/run/shell_parts.h"
#include "vm/run/shell_process.h"
#include "vm/run/shell_timeouts.h"
#include "vm/run/status_question.h"

namespace relux::run {

/// State that a function call saves and gets back (language 7, 8).
struct ShellState {
    TimeoutInForce timeout;
    std::shared_ptr<FailPattern> fail_pattern;
};

/// Why an operation did not succeed; `chain` is added by whoever knows the program.
using ShellFailure = report::Failure;

/// The reason why a shell has been opened.
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

    // Names

    const std::string& name() const { return parts_.journal.name(); }
    /// The name that is shown while a test runs: a cleanup's shell has no name of theirs.
    std::string shown_name() const { return purpose_ == ShellPurpose::Cleanup ? "cleanup" : name(); }
    /// The name in the test or effect that has opened it.
    const std::string& own_name() const { return own_name_; }
    /// From here on it is called `name`.
    void rename(std::string name) { parts_.journal.rename(std::move(name)); }
    std::uint32_t number() const { return parts_.journal.number(); }

    // Operations

    bool stopped() const { return activity_.stopped(); }
    /// Opens the process and waits for its prompt (language 5.3).
    io::Task<bool> start();
    /// Language 6.1: waits for the reader, then writes.
    io::Task<bool> send(std::string_view text, bool newline) { return input_.send(text, newline); }
    /// Writes at once, whoever reads.
    io::Task<bool> send_control(std::string_view bytes) { return input_.send_control(bytes); }
    struct Matched {
        exec::Value text;
        exec::Captures captures;
    };
    io::Task<std::optional<Matched>> match(const exec::PatternSpec& pattern, const Timeout& timeout);
    /// Language 14: the prompt, where the shell then waits for input.
    io::Task<bool> match_prompt();
    io::Task<bool> multi_match(const std::vector<exec::PatternSpec>& patterns, const Timeout& timeout);
    io::Task<bool> sleep(Duration duration);
    /// Waits for the loop to have gone round once, so that timers and signals are seen. False when stopped.
    io::Task<bool> give_way() { return parts_.wait.give_way(); }
    void reset_buffer() { parts_.output.reset(); }
    /// Why the last operation failed, if it was not only stopped. Taken once.
    std::optional<ShellFailure> take_failure() { return parts_.failure.take(); }

    // Time-out and fail pattern

    void set_timeout(const Timeout& timeout, std::string origin);
    /// False: the failure says why; the fail pattern may have hit at once, which has stopped the test.
    bool set_fail_pattern(const exec::PatternSpec& pattern, std::string set_at);
    void clear_fail_pattern();
    /// The fail pattern's search in what has arrived goes on beside the loop. Nothing that the test says may
    /// happen before its end, or it would matter how long it takes.
    bool looks_for_fail_pattern() const { return parts_.fail_watch.searches(); }
    /// Returns when that is over, or all is stopped.
    io::Task<void> fail_pattern_looked_for() { return parts_.fail_watch.searched(); }
    ShellState save_state() const { return {parts_.timeouts.in_force(), parts_.fail_watch.in_force()}; }
    void restore_state(ShellState state);
    /// Called when the fail pattern hits; adds what was executing and fails the test.
    std::function<void(ShellFailure)> on_fail_pattern;
    /// Called when more is known of the line that was hit than on_fail_pattern was told, at the latest by
    /// end(); has the first line of the failure, and the output.
    std::function<void(const ShellFailure&)> on_fail_line;
    /// When the fail pattern has hit a line that had not ended: reads on to its end, or until nothing has
    /// come for 100 ms, for 500 ms and 64 KiB at most. Not when somebody waits for this to end. end() does
    /// it, too.
    io::Task<void> finish_line();

    // The end

    /// Ends the process and all that descends from it; returns when nothing is left. Idempotent.
    /// `now`: kill without grace.
    io::Task<void> end(bool now);
    bool running() const { return parts_.process.is_open() && !parts_.process.exit_status(); }
    /// Hastens end(): kill without grace.
    void kill();
    const std::vector<ShellLeftover>& leftovers() const { return leftovers_; }
    /// After end(), when a match has timed out: how long after the time-out that what it waited for appeared
    /// while the shell was being ended, within as long again as the match had waited. Decides nothing, only
    /// explains.
    std::optional<Duration> lateness();

    // Whose turn it is

    /// One block at a time (two effects may share an exposed shell).
    bool busy = false;
    io::Signal released;

    // The place of its events, and what is told of it

    /// The statement that runs, for the record of who moved the cursor, and where the events of this shell
    /// belong. `module` outlives the shell.
    void set_statement(const exec::LinkedModule& module, const bytecode::Span& span) {
        parts_.journal.set_statement(module, span);
    }
    /// The span of this shell's events.
    void set_span(std::uint32_t span) { parts_.journal.set_span(span); }
    std::uint32_t span() const { return parts_.journal.span(); }
    /// The span of the block that runs, or ran last.
    void set_block(std::uint32_t span) { parts_.journal.set_block(span); }
    report::EventPlace place() const { return parts_.journal.place(); }
    /// The output that is still held; views valid until output arrives.
    HeldOutput held_output() const;
    /// Tells what is waited for, and for how long by now: `waiting for ^ready$, 1.2 s of 5s`.
    /// Empty while it waits for nothing.
    std::string waiting_for() const;
    /// The command whose exit code match_exit_code() has just asked for: "`./migrate.sh`".
    std::string command_asked_about() const;
    /// For a failure because of that exit code: what the command has printed.
    void describe_command_output(ShellFailure& failure) const;
    /// For failures that come from outside: the last output after the cursor.
    void describe_output(ShellFailure& failure) const { parts_.output.describe(failure); }
    /// For a time-out of what it waits for: what the shell is doing, and how busy the machine is if nothing
    /// scales the time-out.
    void describe_state(ShellFailure& failure) const;

    // io::ShellListener
    void on_output(std::string_view bytes) override;
    void on_output_closed() override;
    void on_exit(io::ExitStatus status) override;
    void on_ended() override { wake(); }
    // Wakeable
    void wake() override { parts_.wait.wake(); }

  private:
    void fail_match(const exec::PatternSpec& spec, const match::Matcher& matcher, const Deadline& deadline);
    io::Task<void> ask_for_status();
    void note_leftover(const io::LeftProcess& left, const char* what);
    void note_leftovers();

    Activity& activity_;
    const ShellPurpose purpose_;
    const std::string own_name_;
    std::vector<std::string> environment_;  ///< until it is open
    ShellParts parts_;
    ShellInput input_;
    LateLook late_look_;
    std::unique_ptr<StatusQuestion> question_;  ///< takes what is printed while it is there
    std::vector<ShellLeftover> leftovers_;
    bool ending_ = false;
    bool ended_ = false;
};

}  // namespace relux::run

// One chunk running, in a shell or in none: the interpreter runs, and what it needs from the world is awaited
// here. A failure is reported to the test with its chain.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "vm/exec/fiber.h"
#include "vm/exec/interp.h"
#include "vm/io/task.h"
#include "vm/run/attempt_context.h"
#include "vm/run/scope_instance.h"
#include "vm/run/shell.h"

namespace relux::run {

class ChunkRun {
  public:
    /// `what` and `header` describe the block in a chain: "shell client".
    ChunkRun(AttemptContext& test, ScopeInstance& scope, std::string what, bytecode::Span header);
    ~ChunkRun();
    ChunkRun(const ChunkRun&) = delete;
    ChunkRun& operator=(const ChunkRun&) = delete;

    /// Opens `shell` and waits for its prompt. False when it failed or was stopped.
    io::Task<bool> start_shell(Shell& shell);
    /// Runs a Block or Cleanup chunk in `shell`. False when it failed (the failure is at failure()) or was
    /// stopped.
    io::Task<bool> run_in_shell(exec::Fiber& fiber, const bytecode::Chunk& chunk, std::uint16_t persistent,
                                Shell& shell);
    /// Runs a Declarations or Overlay chunk, which waits for nothing but long searches. False when it failed.
    io::Task<bool> run_pure(exec::Fiber& fiber, const bytecode::Chunk& chunk);

    /// The span in the event log that all of this belongs to.
    void set_span(std::uint32_t span) { span_ = span; }
    /// The shell that this runs in; null outside shells.
    const Shell* shell() const { return shell_; }
    /// The span of what runs now.
    std::uint32_t current_span() const { return shell_ != nullptr ? shell_->span() : span_; }
    bool failed() const { return failed_; }
    report::Failure& failure() { return failure_; }

    /// Gives the sentences about what nearly matched; asked when a match has timed out.
    void explain_with(
        std::function<std::vector<std::string>(const report::Failure&, const Shell&)> near_misses) {
        near_misses_ = std::move(near_misses);
    }

    /// `relux/tests/tasks.relux:14`: the statement that runs now.
    std::string current_place() const;
    /// Where this is now, outermost first.
    std::vector<report::FailureFrame> chain() const;

  private:
    /// Does what `exit` asks for and resumes the fiber. False: failed or stopped.
    io::Task<bool> perform(exec::ShellExit& exit, Shell& shell);
    io::Task<bool> perform(exec::exits::Send& send, Shell& shell);
    io::Task<bool> perform(exec::exits::Match& match, Shell& shell);
    io::Task<bool> perform(exec::exits::MultiMatch& match, Shell& shell);
    io::Task<bool> perform(exec::exits::ResetBuffer& wanted, Shell& shell);
    io::Task<bool> perform(exec::exits::SetTimeout& wanted, Shell& shell);
    io::Task<bool> perform(exec::exits::SetFailPattern& wanted, Shell& shell);
    io::Task<bool> perform(exec::exits::ClearFailPattern& wanted, Shell& shell);
    io::Task<bool> perform(exec::exits::ShellCall& call, Shell& shell);
    io::Task<bool> perform(exec::exits::CallEnter& call, Shell& shell);
    io::Task<bool> perform(exec::exits::CallLeave& call, Shell& shell);
    io::Task<bool> call_match_native(const exec::exits::ShellCall& call, Shell& shell);
    io::Task<bool> call_sleep(const exec::exits::ShellCall& call, Shell& shell);
    bool fail_argument(const Shell& shell, std::string message);
    enum class Expected { Exactly, AnythingElse };
    io::Task<bool> match_exit_code(Shell& shell, Expected expected, std::string_view code);
    io::Task<bool> run_native(const exec::exits::ShellCall& call, Shell& shell);
    void finish_native(exec::Value result);
    void enter_call(const exec::exits::CallEnter& call, Shell& shell);
    void leave_call(const exec::exits::CallLeave& call, Shell& shell);
    void fail(report::Failure failure);
    report::MatchContext match_context(const Shell* shell) const;
    void fail_from_interpreter(const exec::exits::Failed& failed, const Shell* shell);
    void take_failure(Shell& shell);

    AttemptContext& test_;
    ScopeInstance& scope_;
    std::string what_;
    bytecode::Span header_;
    exec::Fiber* fiber_ = nullptr;
    const Shell* shell_ = nullptr;
    std::vector<ShellState> callers_;
    std::uint32_t span_ = 0;
    std::vector<std::uint32_t> spans_;  ///< of the calls that run now
    exec::Value native_result_;
    std::function<std::vector<std::string>(const report::Failure&, const Shell&)> near_misses_;
    bool failed_ = false;
    report::Failure failure_;
};

}  // namespace relux::run

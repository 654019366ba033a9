// The interpreter: a plain function over a Fiber that returns when the chunk is done, has failed, or needs
// something that takes time. It knows no shell, no loop and no clock; vm/run awaits on its behalf.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vm/bytecode/module.h"
#include "vm/exec/fiber.h"
#include "vm/exec/host.h"

namespace relux::exec {

/// A time-out as the program wrote it, before any scaling; kind None: the operation has none of its own.
struct TimeoutSpec {
    bytecode::TimeoutKind kind = bytecode::TimeoutKind::None;
    std::int64_t nanoseconds = 0;
};

/// A pattern to look for. `text` shares the constant or register, so it stays valid while the Exit lives.
struct PatternSpec {
    Value text;
    bool is_regex = false;
};

/// Why the interpreter stopped.
struct Exit {
    enum class Kind : std::uint8_t {
        Finished,  ///< `value` is the chunk's result
        Failed,    ///< `failure`; the Fiber still shows where
        Decided,   ///< a Marker chunk: `holds`, and `value` is the left side that decided it
        // These resume with an empty value unless they say otherwise:
        Send,   ///< `value`, with a newline unless `raw`. Resume with the value sent
        Match,  ///< `pattern`, `timeout`. Resume with the matched text (and captures for a regex)
        ResetBuffer,
        SetTimeout,      ///< `timeout`
        SetFailPattern,  ///< `pattern`
        ClearFailPattern,
        MultiMatch,  ///< `patterns`, `timeout`
        ShellCall,   ///< `native`, `arguments`. Resume with its value
        /// Host::search has not finished. Resume with nothing: call run() again when it has.
        Search,
        // Bracket the call of a user function that is not pure, so that the caller saves and restores the
        // shell's time-out and fail pattern; a pure one runs inside without leaving. Resume with nothing:
        // call run() again.
        CallEnter,  ///< `function`, `arguments`; the callee's frame is on top, its first instruction next
        CallLeave,  ///< `function`, `value` the result; the caller's frame is on top, at its call
        // Of workflows. Bracket a step; resume with nothing.
        StepEnter,  ///< `step`
        StepLeave,  ///< `step`, `value` its title; it has passed
        // WorkflowAccess has the request and takes the answer; within `timeout`.
        HttpRequest,
        RunCommands,
        Query,
        Print,  ///< `value`. Resume with an empty value
    };
    enum class FailureKind : std::uint8_t {
        Runtime,
        InvalidRegex,
        PureMatch,
        Step,  ///< of a workflow: a line for each thing that is wrong; WorkflowAccess leads on
    };

    Kind kind = Kind::Finished;
    Value value;
    PatternSpec pattern;
    std::vector<PatternSpec> patterns;
    std::vector<bytecode::Span> pattern_spans;
    TimeoutSpec timeout;
    bool raw = false;
    bool holds = false;
    const Native* native = nullptr;
    const bytecode::Function* function = nullptr;
    const bytecode::Step* step = nullptr;
    std::vector<Value> arguments;
    FailureKind failure_kind = FailureKind::Runtime;
    /// The message without its kind's first words. A pure match that has failed has `value` and `pattern`.
    std::string failure;
};

class Interpreter {
  public:
    /// What one run may do between two waits, about ten seconds' worth: one for each byte of text that is
    /// made or searched, more for each instruction and call of a built-in. More than that is a run-time
    /// failure, because no timer fires while the interpreter runs.
    static constexpr std::uint64_t kMaximumWork = std::uint64_t{1} << 34;

    explicit Interpreter(Host& host, std::uint64_t maximum_work = kMaximumWork)
        : host_(host), maximum_work_(maximum_work) {}

    /// Runs until `fiber` finishes, fails or must wait. The module must have passed the verifier.
    Exit run(Fiber& fiber);

  private:
    Host& host_;
    std::uint64_t maximum_work_;
};

}  // namespace relux::exec

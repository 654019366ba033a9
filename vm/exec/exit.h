// Why the interpreter stopped: one type for each reason, with what belongs to it alone.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "vm/base/timeout.h"
#include "vm/bytecode/module.h"
#include "vm/exec/natives.h"
#include "vm/exec/value.h"

namespace relux::exec {

/// A pattern to look for. `text` shares the constant or register, so it stays valid while the exit lives.
struct PatternSpec {
    Value text;
    bool is_regex = false;
};

namespace exits {

/// The chunk is done. The result of a workflow is empty.
struct Finished {
    Value result;
};
/// The Fiber still shows where. The message lacks its kind's first words.
struct Failed {
    enum class Kind : std::uint8_t { Runtime, InvalidRegex, PureMatch };
    Kind kind = Kind::Runtime;
    std::string message;
    // Only a PureMatch has these: what has not matched.
    Value value;
    PatternSpec pattern;
};
/// A Marker chunk is done. The value is the left side that decided it.
struct Decided {
    bool holds = false;
    Value value;
};
/// Host::search, or a search of a workflow, has not finished. Resume with nothing: call run() again when it
/// has.
struct Search {};

// Exits of code that runs in a shell. These resume with an empty value unless they say otherwise.

/// Resume with the text.
struct Send {
    Value text;
    bool raw = false;  ///< without a newline
};
/// Resume with the matched text, and for a regex with its captures.
struct Match {
    PatternSpec pattern;
    Timeout timeout;  ///< none: the operation has none of its own
};
struct MultiMatch {
    std::vector<PatternSpec> patterns;
    Timeout timeout;  ///< none: the operation has none of its own
};
struct ResetBuffer {};
struct SetTimeout {
    Timeout timeout;
};
struct SetFailPattern {
    PatternSpec pattern;
};
struct ClearFailPattern {};
/// Resume with the value of the built-in.
struct ShellCall {
    const Native* native = nullptr;
    std::vector<Value> arguments;
};
// CallEnter and CallLeave bracket the call of a user function that is not pure, so that the caller saves and
// restores the shell's time-out and fail pattern; a pure one runs inside without leaving. Resume with
// nothing: call run() again.
/// The callee's frame is on top, its first instruction next.
struct CallEnter {
    const bytecode::Function* function = nullptr;
    std::vector<Value> arguments;
};
/// The caller's frame is on top, at its call.
struct CallLeave {
    const bytecode::Function* function = nullptr;
    Value result;
};

// Exits of workflows. StepEnter and StepLeave bracket a step; resume with nothing.

struct StepEnter {
    const bytecode::Step* step = nullptr;
};
/// The step has passed.
struct StepLeave {
    const bytecode::Step* step = nullptr;
    Value title;
};
/// A line for each thing that is wrong; WorkflowAccess leads on.
struct StepFailed {
    std::string message;
};
// WorkflowAccess has the request and takes the answer; within the time-out.
struct HttpRequest {
    Timeout timeout;  ///< none: the operation has none of its own
};
struct RunCommands {
    Timeout timeout;  ///< none: the operation has none of its own
};
struct Query {
    Timeout timeout;  ///< none: the operation has none of its own
};
/// Resume with an empty value.
struct Print {
    Value text;
};

}  // namespace exits

/// Only blocks, cleanups and the functions that they call may want these: the shell's coroutine does it.
using ShellExit = std::variant<exits::Send, exits::Match, exits::MultiMatch, exits::ResetBuffer,
                               exits::SetTimeout, exits::SetFailPattern, exits::ClearFailPattern,
                               exits::ShellCall, exits::CallEnter, exits::CallLeave>;

/// Only the chunks of workflows may want these.
using WorkflowExit = std::variant<exits::StepEnter, exits::StepLeave, exits::StepFailed, exits::HttpRequest,
                                  exits::RunCommands, exits::Query, exits::Print>;

/// The kind of the chunk says which can come: Finished of all but markers, Decided of these.
using Exit =
    std::variant<exits::Finished, exits::Failed, exits::Decided, exits::Search, ShellExit, WorkflowExit>;

}  // namespace relux::exec

// Which markers decide about a test (language 12): its own and those of every function and effect that it can
// reach.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vm/exec/interp.h"
#include "vm/exec/program.h"
#include "vm/run/base_environment.h"

namespace relux::run {

class AttemptContext;

struct ReachedMarker {
    const exec::LinkedModule* module = nullptr;
    const bytecode::Marker* marker = nullptr;
};

/// The test's own markers first, then those reached, each once, in the order in which they are reached.
std::vector<ReachedMarker> reached_markers(const exec::LinkedModule& module, const bytecode::Scope& scope);

/// A pattern that a condition reaches and that is none.
struct MalformedPattern {
    const exec::LinkedModule* module = nullptr;  ///< where it is
    bytecode::Span span;
    std::string message;  ///< `invalid regex: ...`
    /// `relux/tests/a.relux:3:14: invalid regex: ...`
    std::string text() const;
};

struct MarkerDecision {
    bool skip = false;
    bool flaky = false;
    std::string reason;  ///< why it is skipped, with the marker and the value that decided it
    std::string error;   ///< a condition that could not be evaluated
    /// The test is invalid, whatever its other markers say.
    std::optional<MalformedPattern> malformed;
};

/// `environment` is what the interpreter's host reads from; it tells the line of the `.env` file behind a
/// reason. Spans go into the event log of `test`; null: there is none, no test is going to run.
MarkerDecision evaluate_markers(exec::Interpreter& interpreter, const BaseEnvironment& environment,
                                const std::vector<ReachedMarker>& markers, AttemptContext* test);

}  // namespace relux::run

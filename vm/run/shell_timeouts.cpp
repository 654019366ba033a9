#include "vm/run/shell_timeouts.h"

#include <utility>

#include "vm/run/shell_patience.h"

namespace relux::run {

namespace {

ShellTimeout timeout_of(const exec::TimeoutSpec& spec, const report::EventPlace& place) {
    return {spec.kind == bytecode::TimeoutKind::Assertion, Duration(spec.nanoseconds), place};
}

}  // namespace

ShellTimeouts::ShellTimeouts(AttemptContext& test) : test_(test) {
    const auto& configured = test.settings().timeout;
    in_force_.timeout.written = configured.match;
    in_force_.origin = configured.match_origin;
}

void ShellTimeouts::set(const exec::TimeoutSpec& timeout, const report::EventPlace& place,
                        std::string origin) {
    in_force_ = {timeout_of(timeout, place), std::move(origin)};
}

Deadline ShellTimeouts::deadline_for(const exec::TimeoutSpec& timeout,
                                     const report::EventPlace& place) const {
    Deadline deadline;
    deadline.start = test_.loop().now();
    deadline.own = timeout.kind != bytecode::TimeoutKind::None;
    deadline.timeout = deadline.own ? timeout_of(timeout, place) : in_force_.timeout;
    deadline.at = add(deadline.start, effective(deadline.timeout));
    return deadline;
}

Duration ShellTimeouts::effective(const ShellTimeout& timeout) const {
    return timeout.assertion ? timeout.written : test_.scale(timeout.written);
}

report::RecordedTimeout ShellTimeouts::recorded(const ShellTimeout& timeout) const {
    report::RecordedTimeout recorded;
    recorded.written = timeout.written;
    recorded.applied = effective(timeout);
    recorded.multiplier = test_.settings().timeout.multiplier;
    recorded.assertion = timeout.assertion ? 1 : 0;
    recorded.module = timeout.place.module;
    recorded.line = timeout.place.line;
    recorded.column = timeout.place.column;
    recorded.end_column = timeout.place.end_column;
    return recorded;
}

report::AppliedTimeout ShellTimeouts::applied(const Deadline& deadline) const {
    report::AppliedTimeout applied;
    applied.assertion = deadline.timeout.assertion;
    applied.written = deadline.timeout.written;
    applied.multiplier = deadline.timeout.assertion ? 1.0 : test_.multiplier();
    applied.effective = effective(deadline.timeout);
    applied.origin = deadline.own ? "the operation itself" : in_force_.origin;
    return applied;
}

}  // namespace relux::run

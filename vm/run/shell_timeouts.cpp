#include "vm/run/shell_timeouts.h"

#include <utility>

#include "vm/run/shell_patience.h"

namespace relux::run {

ShellTimeouts::ShellTimeouts(AttemptContext& test) : test_(test) {
    const auto& configured = test.settings().timeout;
    in_force_.timeout.value.written = configured.match;
    in_force_.origin = configured.match_origin;
}

void ShellTimeouts::set(const Timeout& timeout, const report::EventPlace& place, std::string origin) {
    in_force_ = {{timeout, place}, std::move(origin)};
}

Deadline ShellTimeouts::deadline_for(const Timeout& timeout, const report::EventPlace& place) const {
    Deadline deadline;
    deadline.start = test_.loop().now();
    deadline.own = timeout.there();
    deadline.timeout = deadline.own ? ShellTimeout{timeout, place} : in_force_.timeout;
    deadline.at = add(deadline.start, effective(deadline.timeout));
    return deadline;
}

report::RecordedTimeout ShellTimeouts::recorded(const ShellTimeout& timeout) const {
    report::RecordedTimeout recorded;
    recorded.written = timeout.value.written;
    recorded.applied = effective(timeout);
    recorded.multiplier = test_.settings().timeout.multiplier;
    recorded.kind = static_cast<std::uint32_t>(timeout.value.kind);
    recorded.module = timeout.place.module;
    recorded.line = timeout.place.line;
    recorded.column = timeout.place.column;
    recorded.end_column = timeout.place.end_column;
    return recorded;
}

report::AppliedTimeout ShellTimeouts::applied(const Deadline& deadline) const {
    return report::AppliedTimeout::of(deadline.timeout.value, test_.multiplier(),
                                      deadline.own ? "the operation itself" : in_force_.origin);
}

}  // namespace relux::run

// The time-out that is in force in a shell, and what it makes of an operation's own.
#pragma once

#include <string>

#include "vm/base/duration.h"
#include "vm/exec/interp.h"
#include "vm/io/loop.h"
#include "vm/report/event_log.h"
#include "vm/report/outcome.h"
#include "vm/run/attempt_context.h"

namespace relux::run {

struct ShellTimeout {
    Timeout value{TimeoutKind::Tolerance, Duration(0)};
    report::EventPlace place = {};  ///< of the statement; without a module: it is the configured default
};

/// A time-out in force and where it was written.
struct TimeoutInForce {
    ShellTimeout timeout;
    std::string origin;
};

/// Until when an operation waits.
struct Deadline {
    io::Time start{0};
    io::Time at{0};
    ShellTimeout timeout;
    bool own = false;  ///< the operation's own time-out, not the one in force
};

class ShellTimeouts {
  public:
    /// `test` outlives this.
    explicit ShellTimeouts(AttemptContext& test);

    const TimeoutInForce& in_force() const { return in_force_; }
    void restore(TimeoutInForce timeout) { in_force_ = std::move(timeout); }
    /// `place` is of the statement that sets it, `origin` says where that is.
    void set(const Timeout& timeout, const report::EventPlace& place, std::string origin);

    /// Begins the time of an operation at `place`.
    Deadline deadline_for(const Timeout& timeout, const report::EventPlace& place) const;
    Duration effective(const ShellTimeout& timeout) const { return test_.effective(timeout.value); }
    report::RecordedTimeout recorded(const ShellTimeout& timeout) const;
    /// The one that has ended the operation of `deadline`. Valid before another one is in force.
    report::AppliedTimeout applied(const Deadline& deadline) const;

  private:
    AttemptContext& test_;
    TimeoutInForce in_force_;
};

}  // namespace relux::run

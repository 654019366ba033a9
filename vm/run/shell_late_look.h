// Behind a time-out that has failed the test: whether what was waited for comes while the shell is being
// ended. Decides nothing, only explains.
#pragma once

#include <optional>
#include <vector>

#include "vm/io/loop.h"
#include "vm/match/matcher.h"
#include "vm/run/shell_output.h"
#include "vm/run/shell_timeouts.h"

namespace relux::run {

class LateLook {
  public:
    /// `output` outlives this.
    explicit LateLook(const ShellOutput& output) : output_(output) {}

    /// The match of `matcher` has timed out. Listens for as long again as it has waited.
    void begin(const match::Matcher& matcher, const Deadline& deadline);
    /// Output has come.
    void arrived();
    /// The time from the time-out to the match; nothing: it was not, or nobody listens.
    std::optional<Duration> lateness();

  private:
    struct Arrival {
        match::Position end = 0;
        io::Time at{0};
    };
    struct TimedOut {
        match::Matcher matcher;
        io::Time at{0};
        io::Time listen_until{0};
        match::Position seen = 0;  ///< of the output, at that time
        std::vector<Arrival> arrivals = {};
    };

    const ShellOutput& output_;
    std::optional<TimedOut> timed_out_;
};

}  // namespace relux::run

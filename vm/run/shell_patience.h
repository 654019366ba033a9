// What the parts of Shell share: how long it is patient with what.
#pragma once

#include "vm/base/duration.h"
#include "vm/io/loop.h"

namespace relux::run {

inline constexpr io::Time kNever = io::Time::max();
/// Language 5.6: output that has been quiet for this long settles a tentative match.
inline constexpr Duration kSettleTime = std::chrono::milliseconds(20);
/// After the shell's process has ended, how long its terminal may stay open before its output counts as over.
inline constexpr Duration kOrphanedTerminal = std::chrono::milliseconds(100);

/// Without overflow.
inline io::Time add(io::Time time, Duration duration) {
    return duration > kNever - time ? kNever : time + duration;
}

}  // namespace relux::run

// A time-out: how long something may take, and whether `-m` stretches that.
#pragma once

#include <cstdint>

#include "vm/base/duration.h"

namespace relux {

/// How a time-out came to be, the part that `-m` looks at: tolerances scale, assertions never do.
enum class TimeoutKind : std::uint8_t { None, Tolerance, Assertion };

struct Timeout {
    TimeoutKind kind = TimeoutKind::None;  ///< None: there is none, or what is in force applies
    Duration written{0};                   ///< before any scaling

    bool there() const { return kind != TimeoutKind::None; }
    bool is_assertion() const { return kind == TimeoutKind::Assertion; }
    /// The sign in front of it: `@` of an assertion, else `~`.
    char sign() const { return is_assertion() ? '@' : '~'; }
    /// The multiplier that applies where that of tolerances is `multiplier`.
    double factor(double multiplier) const { return is_assertion() ? 1.0 : multiplier; }
    /// Returns what applies then: a tolerance scales, an assertion never does. It is at most a quarter of
    /// what a Duration can hold, which leaves room for adding it to a clock.
    Duration effective(double multiplier) const;

    friend bool operator==(const Timeout&, const Timeout&) = default;
};

}  // namespace relux

// Durations as users write and read them (language 7): number-unit pairs, units `ns us ms s m h d`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "vm/base/result.h"

namespace relux {

using Duration = std::chrono::nanoseconds;

/// Parses `250ms`, `1m30s`. With `allow_spaces` also `1m 30s` (configuration and command line).
/// Zero, an unknown unit, a missing number or unit, and overflow of 64-bit nanoseconds are errors whose
/// message is one clause, e.g. "unknown unit `xyz`: use ns, us, ms, s, m, h or d".
Result<Duration> parse_duration(std::string_view text, bool allow_spaces);

/// The shortest exact form that parse_duration reads back: `1m30s`, `200ms`.
std::string format_duration(Duration duration);

/// For sentences: `1.5s`, `200ms`, `1m30s`, at most three decimals, never two units below a minute. Not
/// always one that parse_duration reads.
std::string describe_duration(Duration duration);
/// The same of a time that was measured: to a tenth of a second, below a second to a millisecond.
std::string describe_measured(Duration duration);

/// For result lines: one decimal and a unit that fits: `5.8 ms`, `5.0 s`, `2m 03s`; below 1 ms `0.4 ms`.
std::string format_elapsed(Duration duration);

}  // namespace relux

// Which part of the tests one of N machines runs. Every test is in exactly one part, and the parts follow
// from the tests and the durations alone: no clock, no order of files, no machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/history/history_runs.h"
#include "tools/history/shard_plan.h"
#include "vm/base/result.h"

namespace relux::cli {

/// `2/5`.
Result<Shard> parse_shard(std::string_view text);

/// Milliseconds by test_key().
using TestDurations = std::unordered_map<std::string, std::int64_t>;

/// The median of what each test took when it passed or failed in these runs.
TestDurations typical_durations(const std::vector<PastRun>& runs);

/// For each key the shard (from 1) that runs it: the longest first, each to the shard with the least to do. A
/// test without a duration counts as the median of those that have one.
std::vector<std::size_t> assign_shards(const std::vector<std::string>& keys, const TestDurations& durations,
                                       std::size_t count);

/// Eight hexadecimal digits that are equal where the same tests and durations were shared out.
std::string shard_plan_digest(const std::vector<std::string>& keys, const TestDurations& durations);

/// A number that depends on the bytes and the seed alone, on every machine.
std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed);

}  // namespace relux::cli

// shard.toml: which part of a suite a run was, so that merging can tell whether all parts are there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace relux::cli {

struct Shard {
    std::size_t index = 1;  ///< from 1
    std::size_t count = 1;
};

/// How a part was cut from the whole; shards of one suite are complete together if their plans are equal.
struct ShardPlan {
    Shard shard;
    std::size_t tests = 0;  ///< of all shards together
    std::string digest;
};

inline constexpr std::string_view kShardPlanName = "shard.toml";

/// shard.toml of a run that is a part, read by `merge-reports`.
std::string format_shard_plan(const ShardPlan& plan);

}  // namespace relux::cli

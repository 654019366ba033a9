// The shard that Bazel's test sharding or GitLab's parallel jobs ask for through the environment.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/history/shard_plan.h"
#include "tools/project/ci_protocols.h"
#include "vm/base/result.h"

namespace relux::cli {

struct EnvironmentShard {
    Shard shard;
    std::string origin;       ///< the variables that said so
    std::string status_file;  ///< to be touched by a runner that shards; empty: none
};
/// TEST_TOTAL_SHARDS and TEST_SHARD_INDEX (from 0) of Bazel, else CI_NODE_TOTAL and CI_NODE_INDEX (from 1) of
/// GitLab. Nothing when they are not set or there is one shard only. Values that make no sense are an error.
Result<std::optional<EnvironmentShard>> environment_shard(const EnvironmentLookup& environment);

/// Makes an empty file, or leaves the one that is there.
Status touch_file(const std::filesystem::path& file);

}  // namespace relux::cli

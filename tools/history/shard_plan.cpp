#include "tools/history/shard_plan.h"

namespace relux::cli {

std::string format_shard_plan(const ShardPlan& plan) {
    return "index = " + std::to_string(plan.shard.index) + "\ncount = " + std::to_string(plan.shard.count) +
           "\ntests = " + std::to_string(plan.tests) + "\nplan = \"" + plan.digest + "\"\n";
}

}  // namespace relux::cli

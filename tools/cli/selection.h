// From all tests of a suite to those that a run was asked for: names, filter, rerun, order, shard.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/ci_protocols.h"
#include "tools/cli/run_options.h"
#include "tools/cli/selection_shard.h"
#include "vm/base/result.h"
#include "vm/run/suite.h"

namespace relux::cli {

/// How a part was cut from the whole; shards of one suite are complete together if their plans are equal.
struct ShardPlan {
    Shard shard;
    std::size_t tests = 0;  ///< of all shards together
    std::string digest;
};

struct TestSelection {
    std::vector<std::string> notes;  ///< for standard error, a line each
    std::optional<ShardPlan> plan;   ///< none: the run is not a part
    bool nothing_to_do = false;      ///< no test is left, and that is a success; `notes` says why
};

/// Whether the flags go together, before anything is read.
Status check_selection(const RunOptions& options);

/// Keeps in `tests`, in the order in which they are to run, what the options ask for. A path that is what the
/// results call a test, `tasks/smoke.relux/task-crud`, asks for that test alone. History is read from
/// `root` only when it is needed. No test at all is an error, unless the options allow it, there is nothing
/// to rerun, or only this shard is empty.
Result<TestSelection> select_tests(const RunOptions& options, const EnvironmentLookup& environment,
                                   const std::filesystem::path& root, std::vector<run::TestCase>& tests);

inline constexpr std::string_view kShardPlanName = "shard.toml";

/// shard.toml of a run that is a part, read by `merge-reports`.
std::string format_shard_plan(const ShardPlan& plan);

}  // namespace relux::cli

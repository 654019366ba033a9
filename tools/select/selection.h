// From all tests of a suite to those that a run was asked for: names, filter, rerun, order, shard.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/history/shard_plan.h"
#include "tools/project/ci_protocols.h"
#include "vm/base/result.h"
#include "vm/run/suite.h"

namespace relux::cli {

/// Which tests were asked for, as given on the command line; nothing has been checked.
struct SelectionOptions {
    std::vector<std::filesystem::path> paths;
    std::vector<std::string> tests;
    std::optional<std::string> filter;   ///< a SelectionExpression
    std::optional<std::string> shuffle;  ///< the seed, empty: any
    std::optional<std::string> shard;    ///< `I/N`
    bool rerun = false;
    bool allow_empty = false;
};

struct TestSelection {
    std::vector<std::string> notes;  ///< for standard error, a line each
    std::optional<ShardPlan> plan;   ///< none: the run is not a part
    bool nothing_to_do = false;      ///< no test is left, and that is a success; `notes` says why
};

/// Whether the flags go together, before anything is read.
Status check_selection(const SelectionOptions& options);

/// Keeps in `tests`, in the order in which they are to run, what the options ask for. A path that is what the
/// results call a test, `tasks/smoke.relux/task-crud`, asks for that test alone. History is read from
/// `root` only when it is needed. No test at all is an error, unless the options allow it, there is nothing
/// to rerun, or only this shard is empty.
Result<TestSelection> select_tests(const SelectionOptions& options, const EnvironmentLookup& environment,
                                   const std::filesystem::path& root, std::vector<run::TestCase>& tests);

}  // namespace relux::cli

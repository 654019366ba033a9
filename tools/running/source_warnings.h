// What the checks of the sources say about tests that have failed.
#pragma once

#include <vector>

#include "tools/running/run_options.h"
#include "tools/running/run_plan.h"
#include "vm/report/outcome.h"

namespace relux::cli {

/// Adds to each failed test the warnings about what it has run. Nothing is read when none has failed, nor for
/// an archive, whose sources may be others by now.
void add_source_warnings(std::vector<report::TestResult>& results, const RunPlan& plan,
                         const RunOptions& options);

}  // namespace relux::cli

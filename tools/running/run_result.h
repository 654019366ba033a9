// Says what a run has come to when it has ended: to people, to whoever reads its reports, and by its exit
// status.
#pragma once

#include "tools/running/run_measures.h"
#include "tools/running/run_options.h"
#include "tools/running/run_plan.h"
#include "tools/running/run_stage.h"
#include "vm/run/suite.h"

namespace relux::cli {

/// Prints failures and the result, and writes the reports. The exit status (cli 1): of the tests, or that
/// reports are missing.
int report_result(run::SuiteResult& result, const RunPlan& plan, const RunOptions& options,
                  RunMeasures& measures, RunStage& stage);

/// Tells the others who read the results: CI services, `history --margins`, `merge-reports`. None of it
/// changes the outcome of the tests.
void tell_others(const run::SuiteResult& result, const RunPlan& plan, RunStage& stage);

}  // namespace relux::cli

// The course of one run.
#include "tools/running/run_tests.h"

#include "tools/cli/output.h"
#include "tools/project/cache_options.h"
#include "tools/running/run_plan.h"
#include "tools/running/run_result.h"
#include "tools/running/run_stage.h"
#include "tools/running/source_warnings.h"

namespace relux::cli {

int run_tests(const RunOptions& options) {
    RunMeasures measures;
    auto plan = plan_run(options, measures);
    if (!plan) return complain(plan.error().message);
    if (const auto status = answer_without_running(*plan, options)) return *status;
    if (const auto status = mark_unchanged(*plan, options)) return *status;
    auto opened = RunStage::open(*plan, options);
    if (!opened) return complain(opened.error().message);
    auto& stage = **opened;
    auto result = stage.perform();
    HeldInterrupts held(result.interrupted);
    result.statistics.load += plan->load_time;
    static_cast<void>(measures.lap());
    const auto traced = stage.close_trace(held);
    stage.settle(result.results);
    add_source_warnings(result.results, *plan, options);
    const int status = report_result(result, *plan, options, measures, stage);
    // It shows the tests and decides nothing about them.
    if (!traced) stage.console().print_result("warning: " + traced.error().message + "; it ends early\n");
    tell_others(result, *plan, stage);
    stage.console().finish(held);
    trim_cache(options.cache);
    return status;
}

}  // namespace relux::cli

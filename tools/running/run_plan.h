// Says what a run will do: the suite, its settings, the tests that were asked for, and which of them need not
// run.
#pragma once

#include <optional>

#include "tools/increment/incremental.h"
#include "tools/project/suite_source.h"
#include "tools/running/run_measures.h"
#include "tools/running/run_options.h"
#include "tools/select/selection.h"
#include "vm/run/run_settings.h"

namespace relux::cli {

struct RunPlan {
    RunnableSuite suite;  ///< with the selected tests alone
    Duration load_time{0};
    run::RunSettings settings;  ///< without what the run directory decides
    TestSelection selection;
    std::optional<Incremental> incremental;  ///< none before mark_unchanged(), nor without `--incremental`
};

/// Loads the suite and selects its tests. The error is for complain(); errors of the sources have been
/// printed.
Result<RunPlan> plan_run(const RunOptions& options, RunMeasures& measures);

/// The exit status if the options ask for no run, or no test is left, and what they ask for has been printed.
std::optional<int> answer_without_running(const RunPlan& plan, const RunOptions& options);

/// With `--incremental`: marks the tests that need not run, or tells why one would. The exit status if that
/// is all.
std::optional<int> mark_unchanged(RunPlan& plan, const RunOptions& options);

}  // namespace relux::cli

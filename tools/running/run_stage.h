// Where a planned run takes place: its directory, the loop, the trace, and what shows its progress.
#pragma once

#include <memory>

#include "tools/running/report_space.h"
#include "tools/running/run_directory.h"
#include "tools/running/run_plan.h"
#include "tools/screen/console.h"
#include "tools/screen/held_interrupts.h"
#include "tools/screen/run_progress.h"
#include "vm/io/loop.h"
#include "vm/report/trace_file.h"
#include "vm/run/suite.h"

namespace relux::cli {

class RunStage {
  public:
    /// Makes the run directory, which is the latest from here on, and takes room for the reports. Completes
    /// the settings of `plan`, which outlives the stage.
    static Result<std::unique_ptr<RunStage>> open(RunPlan& plan, const RunOptions& options);

    /// Runs the tests to their end.
    run::SuiteResult perform();
    /// Ends the trace, unless `held` is told to end; what it could not write is said at the end.
    Status close_trace(HeldInterrupts& held);
    /// Keeps what the run has shown for `--incremental`; the room for the reports is theirs again.
    void settle(const std::vector<report::TestResult>& results);

    /// Whether the terminal has the failures already.
    bool has_shown_failures() const { return progress_->has_shown_failures(); }
    const RunDirectory& directory() const { return directory_; }
    Console& console() { return console_; }

  private:
    RunStage(RunPlan& plan, std::unique_ptr<report::TraceFile> trace, RunDirectory directory,
             std::unique_ptr<io::Loop> loop);

    RunPlan& plan_;
    std::unique_ptr<report::TraceFile> trace_;  ///< null: none is wanted
    RunDirectory directory_;
    std::unique_ptr<io::Loop> loop_;
    ReportSpace space_;
    Console console_;
    std::unique_ptr<RunProgress> progress_;
};

}  // namespace relux::cli

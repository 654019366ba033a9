// Measures what a run has cost the process as a whole: time by the wall, processors, memory.
#pragma once

#include <chrono>

#include "vm/report/run_statistics.h"

namespace relux::cli {

class RunMeasures {
  public:
    /// The run begins now.
    RunMeasures() : began_(Clock::now()), marked_(began_) {}

    /// The time since the last call, or since the run began.
    Duration lap();
    /// Fills in what belongs to the process: the wall so far, processors and memory. What its children have
    /// used counts once they have ended.
    void complete(report::RunStatistics& statistics) const;

  private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point began_;
    Clock::time_point marked_;
};

}  // namespace relux::cli

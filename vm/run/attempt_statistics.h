// Counts one attempt, and the slowest of its waits, for the statistics of the run.
#pragma once

#include "vm/base/duration.h"
#include "vm/report/outcome.h"
#include "vm/report/run_statistics.h"
#include "vm/report/secrets.h"

namespace relux::run {

class AttemptStatistics {
  public:
    /// The statistics of the run, to which this one adds; outlive it.
    explicit AttemptStatistics(report::RunStatistics& run) : run_(run) {}

    /// Whether a wait of that length may be one of the slowest of the run.
    bool wants_wait(Duration duration) const {
        return slow_waits_.admits(duration) && run_.slowest_waits.admits(duration);
    }
    /// A wait has ended that may be one of the slowest of the run.
    void add_wait(report::SlowWait wait) { slow_waits_.add(std::move(wait)); }
    /// Adds the attempt, which has ended with `result`, and its slowest waits to the statistics of the run.
    /// Texts are masked with `secrets`.
    void count(const report::TestResult& result, const report::Secrets& secrets);

  private:
    report::RunStatistics& run_;
    report::Slowest<report::SlowWait> slow_waits_;
};

}  // namespace relux::run

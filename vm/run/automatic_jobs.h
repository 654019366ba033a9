// `-j auto`: gives the controller its figures, as long as the run goes on, and counts what it decides.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

#include "vm/base/duration_histogram.h"
#include "vm/io/loop.h"
#include "vm/report/run_statistics.h"
#include "vm/run/job_controller.h"
#include "vm/run/machine_load.h"

namespace relux::run {

class AutomaticJobs {
  public:
    /// How often the loop's lag is looked at, and after how many of these looks the controller is asked.
    static constexpr Duration kTick = std::chrono::milliseconds(50);
    static constexpr int kTicksOfFigures = 4;

    struct Tests {
        int running = 0;
        std::size_t waiting = 0;
    };
    /// `loop`, `machine` and `statistics` outlive this. `tests` tells what there is at a moment; `changed` is
    /// called with each new number of jobs.
    AutomaticJobs(io::Loop& loop, MachineLoad& machine, JobLimits limits, report::JobsStatistics& statistics,
                  std::function<Tests()> tests, std::function<void(int)> changed);

    /// By any thread.
    void add_round_trip(Duration duration) {
        const std::lock_guard lock(round_trips_mutex_);
        round_trips_.record(duration);
    }
    int jobs() const { return controller_.jobs(); }

  private:
    void arm();
    void tick();
    void ask();

    io::Loop& loop_;
    MachineLoad& machine_;
    JobController controller_;
    report::JobsStatistics& statistics_;
    std::function<Tests()> tests_;
    std::function<void(int)> changed_;
    std::unique_ptr<io::Timer> timer_;
    io::Time due_{0};
    int ticks_ = 0;
    Duration lag_{0};  ///< the longest since the controller was asked
    std::mutex round_trips_mutex_;
    DurationHistogram round_trips_;  // guarded by round_trips_mutex_
};

}  // namespace relux::run

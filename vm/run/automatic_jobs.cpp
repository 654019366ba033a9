#include "vm/run/automatic_jobs.h"

#include <algorithm>

namespace relux::run {

AutomaticJobs::AutomaticJobs(io::Loop& loop, MachineLoad& machine, JobLimits limits,
                             report::JobsStatistics& statistics, std::function<Tests()> tests,
                             std::function<void(int)> changed)
    : loop_(loop),
      machine_(machine),
      controller_(limits),
      statistics_(statistics),
      tests_(std::move(tests)),
      changed_(std::move(changed)),
      timer_(loop.make_timer([this] { tick(); })) {
    statistics_.automatic = true;
    // The work of the processors before the run is not the run's.
    static_cast<void>(machine_.idle());
    arm();
}

void AutomaticJobs::arm() {
    due_ = loop_.now() + kTick;
    timer_->arm(due_);
}

void AutomaticJobs::tick() {
    const auto lag = loop_.now() - due_;
    statistics_.lag.record(lag);
    lag_ = std::max(lag_, lag);
    if (++ticks_ % kTicksOfFigures == 0) ask();
    arm();
}

void AutomaticJobs::ask() {
    const auto tests = tests_();
    JobFigures figures;
    {
        const std::lock_guard lock(round_trips_mutex_);
        figures.round_trips = round_trips_.count();
        figures.round_trip = round_trips_.median();
        round_trips_.clear();
    }
    figures.lag = lag_;
    figures.idle = machine_.idle();
    figures.free = machine_.free_memory();
    figures.running = tests.running;
    figures.waiting = tests.waiting;
    lag_ = Duration(0);
    const auto before = controller_.jobs();
    const auto jobs = controller_.take(figures);
    if (jobs == before) return;
    ++(jobs > before ? statistics_.raised : statistics_.lowered);
    statistics_.least = std::min(statistics_.least, jobs);
    statistics_.most = std::max(statistics_.most, jobs);
    statistics_.last = jobs;
    changed_(jobs);
}

}  // namespace relux::run

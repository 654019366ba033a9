#include "vm/run/job_controller.h"

#include <algorithm>

namespace relux::run {

JobController::Verdict JobController::judge_round_trips(const JobFigures& figures) const {
    if (figures.round_trips < kFewestRoundTrips || baseline_.count() == 0) return Verdict::Good;
    const auto excess = figures.round_trip - baseline_;
    const auto slow = std::max(baseline_ * (kSlowFactor - 1), kRoundTripSlack);
    if (excess > slow) return Verdict::Slow;
    return excess > slow / 2 ? Verdict::Fair : Verdict::Good;
}

JobController::Verdict JobController::judge_lag(const JobFigures& figures) {
    if (figures.lag > kSlowLag) return Verdict::Slow;
    return figures.lag > kSlowLag / 2 ? Verdict::Fair : Verdict::Good;
}

JobController::Verdict JobController::judge_memory(const JobFigures& figures) {
    if (!figures.free) return Verdict::Good;
    if (*figures.free < kMemoryNeeded) return Verdict::Slow;
    return *figures.free < kMemoryToSpare ? Verdict::Fair : Verdict::Good;
}

void JobController::learn_baseline(const JobFigures& figures) {
    if (figures.round_trips < kFewestRoundTrips) return;
    if (baseline_.count() == 0 || figures.round_trip < baseline_) baseline_ = figures.round_trip;
}

void JobController::lower() {
    jobs_ = std::max(1, jobs_ - std::max(1, jobs_ / 4));
    settling_ = kSettling;
    pause_ = next_pause_;
    next_pause_ = std::min(2 * next_pause_, kLongestPause);
}

int JobController::take(const JobFigures& figures) {
    learn_baseline(figures);
    const auto verdict = std::max({judge_round_trips(figures), judge_lag(figures), judge_memory(figures)});
    if (verdict == Verdict::Slow) {
        // As long as more tests run than are allowed, and a little longer, it is slow because of these.
        if (settling_ == 0) {
            lower();
        } else if (figures.running <= jobs_) {
            --settling_;
        }
        return jobs_;
    }
    settling_ = 0;
    if (pause_ > 0) {
        --pause_;
        return jobs_;
    }
    // Without knowing that a processor is idle there is no reason to add work; but what was taken away for a
    // moment's slowness comes back, also if something else keeps the machine busy.
    const bool idle = jobs_ < limits_.first || (figures.idle && *figures.idle >= kIdleToSpare);
    const bool used = figures.running >= jobs_ && figures.waiting > 0;
    if (verdict == Verdict::Good && idle && used && jobs_ < limits_.most) ++jobs_;
    return jobs_;
}

}  // namespace relux::run

// The intervals between the sweeps that end a family.
#include "vm/io/timed_ending.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace relux::io {

namespace {
// The death of a direct child wakes the sweep by SIGCHLD; these are for members whose parent is another
// process.
constexpr Time kFirstSweepDelay = std::chrono::milliseconds(1);
/// A shell alone wakes the sweep when it dies; this is for one that has lost its hang-up.
constexpr Time kSweepDelayOfOne = std::chrono::milliseconds(3);
constexpr Time kLongestSweepDelay = std::chrono::milliseconds(16);
}  // namespace

TimedEnding::TimedEnding(Loop& loop, ShellFamilies& families, const ShellIdentity& leader,
                         std::function<void()> nobody_left)
    : loop_(loop),
      families_(families),
      ending_(families, leader),
      nobody_left_(std::move(nobody_left)),
      timer_(loop.make_timer([this] { sweep_by_timer(); })) {}

TimedEnding::~TimedEnding() {
    if (kill_at_ && !done_) families_.ending_over();
}

void TimedEnding::begin(Duration grace) {
    if (done_) return;
    const Time now = loop_.now();
    const Time deadline = now + std::max(grace, Duration::zero());
    const bool first = !kill_at_.has_value();
    kill_at_ = first ? deadline : std::min(*kill_at_, deadline);
    if (first) families_.ending_begun();
    if (first || *kill_at_ <= now) {
        delay_ = sweep(false) ? Time::zero() : kFirstSweepDelay;
        if (first && ending_.only_the_shell()) {
            delay_ = kSweepDelayOfOne;
            timed_sweeps_ = 1;  // as if the one after a millisecond had been
        }
    }
    schedule();
}

void TimedEnding::children_changed() {
    if (waits_for_others()) sweep_or_finish(false);
}

void TimedEnding::kill_now() {
    ending_.sweep(leader_alive_, Pressure::Kill);
}

void TimedEnding::schedule() {
    const Time now = loop_.now();
    Time next = now + std::max(delay_, families_.least_delay());
    if (*kill_at_ > now) next = std::min(next, *kill_at_);
    timer_->arm(next);
    delay_ = std::clamp(2 * delay_, kFirstSweepDelay, kLongestSweepDelay);
}

// True when none is left.
bool TimedEnding::sweep(bool again) {
    const Time begun = loop_.now();
    const bool kill = *kill_at_ <= begun;
    const bool none_left = ending_.sweep(leader_alive_, kill    ? Pressure::Kill
                                                        : again ? Pressure::HangUpAgain
                                                                : Pressure::HangUp);
    families_.note_sweep(loop_.now() - begun);
    return none_left;
}

void TimedEnding::sweep_or_finish(bool again) {
    if (!sweep(again)) return schedule();
    done_ = true;
    families_.ending_over();
    timer_->disarm();
    const auto nobody_left = std::move(nobody_left_);
    nobody_left();
}

void TimedEnding::sweep_by_timer() {
    // The 2nd, 4th, 8th, 16th …: after some 3, 15, 80, 200 ms and so on.
    ++timed_sweeps_;
    sweep_or_finish(timed_sweeps_ >= 2 && std::has_single_bit(timed_sweeps_));
}

}  // namespace relux::io

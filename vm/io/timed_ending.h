// Ends a family of processes in time: sweeps now, then again at growing intervals and whenever a child of the
// runner ends, with the hang-up until the grace is over and the kill from then on, until nobody is left.
// Knows no terminal and no pipe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "vm/io/loop.h"
#include "vm/io/shell_ending.h"

namespace relux::io {

class TimedEnding {
  public:
    /// `nobody_left` is called once, never from inside a call to this object, and may destroy it. All that is
    /// given by reference must outlive this object.
    TimedEnding(Loop& loop, ShellFamilies& families, const ShellIdentity& leader,
                std::function<void()> nobody_left);
    TimedEnding(const TimedEnding&) = delete;
    TimedEnding& operator=(const TimedEnding&) = delete;
    ~TimedEnding();

    /// Kill after `grace`; a later call can only hasten that.
    void begin(Duration grace);
    bool begun() const { return kill_at_.has_value(); }
    /// The leader has been reaped.
    void leader_exited() { leader_alive_ = false; }
    /// The leader is gone, and others of the family are waited for.
    bool waits_for_others() const { return kill_at_ && !done_ && !leader_alive_; }
    /// Some child of the runner has ended: perhaps the last one of the family. May call `nobody_left`.
    void children_changed();
    /// One sweep that kills, for owners that can't wait.
    void kill_now();
    const std::vector<LeftProcess>& killed() const { return ending_.killed(); }
    const std::vector<LeftProcess>& daemons() const { return ending_.daemons(); }

  private:
    bool sweep(bool again);
    void sweep_or_finish(bool again);
    void sweep_by_timer();
    void schedule();

    Loop& loop_;
    ShellFamilies& families_;
    ShellEnding ending_;
    std::function<void()> nobody_left_;
    std::unique_ptr<Timer> timer_;
    std::optional<Time> kill_at_;  // begin() has been called
    Time delay_{};
    unsigned timed_sweeps_ = 0;
    bool leader_alive_ = true;
    bool done_ = false;
};

}  // namespace relux::io

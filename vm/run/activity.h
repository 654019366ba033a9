// Something that can be stopped as a whole: a test up to its clean-up, or one cleanup block. Stopping is a
// mark plus a wake-up; whoever runs inside sees the mark at its next wait and unwinds by returning.
#pragma once

#include <algorithm>
#include <vector>

namespace relux::run {

/// Whoever may be waiting inside an activity.
class Wakeable {
  public:
    virtual ~Wakeable() = default;
    /// Resumes what waits here so that it looks at the activity again. May run it to its end.
    virtual void wake() = 0;
};

class Activity {
  public:
    Activity() = default;
    Activity(const Activity&) = delete;
    Activity& operator=(const Activity&) = delete;

    bool stopped() const { return stopped_; }
    /// Idempotent. Members may leave while they are being woken.
    void stop() {
        if (stopped_) return;
        stopped_ = true;
        const std::vector<Wakeable*> members = members_;
        for (Wakeable* member : members) {
            if (std::find(members_.begin(), members_.end(), member) != members_.end()) member->wake();
        }
    }
    void join(Wakeable& member) { members_.push_back(&member); }
    void leave(Wakeable& member) { std::erase(members_, &member); }

  private:
    bool stopped_ = false;
    std::vector<Wakeable*> members_;
};

}  // namespace relux::run

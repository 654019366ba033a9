// Timers in a binary heap that knows where each of them stands: arming and disarming cost O(log n) and
// allocate nothing but, rarely, the heap's growth. Guarantees: in order of deadline, then of arming; never
// early; a callback may arm, disarm and destroy any timer. Knows neither clock nor loop: whoever owns it asks
// for the next deadline. Not libuv's timers: they count milliseconds from the beginning of a turn of the
// loop, so one that is armed after work fires early by the length of that work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "vm/io/loop.h"

namespace relux::io {

class TimerQueue {
  public:
    /// `earliest_changed` is called when a timer becomes the first one by being armed, `fired`, if there is
    /// one, after each callback.
    explicit TimerQueue(std::function<void()> earliest_changed, std::function<void()> fired = {});
    TimerQueue(const TimerQueue&) = delete;
    TimerQueue& operator=(const TimerQueue&) = delete;
    /// No timer may be left.
    ~TimerQueue();

    std::unique_ptr<Timer> make_timer(std::function<void()> callback);
    std::optional<Time> next_deadline() const;
    /// Some that are due have not been fired yet: fire_due() is at it.
    bool is_firing() const { return next_due_ < due_.size(); }
    /// Fires what is due at `now`. What is armed meanwhile waits for the next call, so that a timer that
    /// re-arms itself without delay does not starve the rest. True when something fired.
    bool fire_due(Time now);

  private:
    class QueuedTimer;
    struct Entry;

    void arm(Entry& entry, Time deadline);
    void disarm(Entry& entry);
    void place(std::size_t position, Entry& entry);
    void sift_up(std::size_t position);
    void sift_down(std::size_t position);

    std::function<void()> earliest_changed_;
    std::function<void()> fired_;
    std::vector<Entry*> heap_;
    std::vector<Entry*> due_;  // taken from the heap by fire_due(), null where disarmed since
    std::size_t next_due_ = 0;
    std::uint64_t next_sequence_ = 0;
    int timers_ = 0;
};

}  // namespace relux::io

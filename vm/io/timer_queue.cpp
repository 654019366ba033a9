// Binary heap of timers. An entry lives apart from its Timer, because a callback may destroy the Timer it
// belongs to.
#include "vm/io/timer_queue.h"

#include <limits>
#include <utility>

#include "vm/base/assert.h"

namespace relux::io {

namespace {
constexpr std::size_t kNotQueued = std::numeric_limits<std::size_t>::max();
}

struct TimerQueue::Entry {
    std::function<void()> callback;
    Time deadline{};
    std::uint64_t sequence = 0;  // order of arming, breaks ties
    std::size_t position = kNotQueued;
    std::size_t due_position = kNotQueued;
    bool running = false;
    bool abandoned = false;  // its Timer died while the callback ran

    bool before(const Entry& other) const {
        return deadline != other.deadline ? deadline < other.deadline : sequence < other.sequence;
    }
};

class TimerQueue::QueuedTimer final : public Timer {
  public:
    QueuedTimer(TimerQueue& queue, std::function<void()> callback) : queue_(queue), entry_(new Entry) {
        entry_->callback = std::move(callback);
        ++queue_.timers_;
    }
    ~QueuedTimer() override {
        queue_.disarm(*entry_);
        --queue_.timers_;
        if (entry_->running) {
            entry_.release()->abandoned = true;  // fire_due() frees it
        }
    }
    void arm(Time deadline) override { queue_.arm(*entry_, deadline); }
    void disarm() override { queue_.disarm(*entry_); }
    bool armed() const override {
        return entry_->position != kNotQueued || entry_->due_position != kNotQueued;
    }

  private:
    TimerQueue& queue_;
    std::unique_ptr<Entry> entry_;
};

TimerQueue::TimerQueue(std::function<void()> earliest_changed, std::function<void()> fired)
    : earliest_changed_(std::move(earliest_changed)), fired_(std::move(fired)) {}

TimerQueue::~TimerQueue() {
    RELUX_ASSERT(timers_ == 0, "a timer outlives its loop");
}

std::unique_ptr<Timer> TimerQueue::make_timer(std::function<void()> callback) {
    return std::make_unique<QueuedTimer>(*this, std::move(callback));
}

std::optional<Time> TimerQueue::next_deadline() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front()->deadline;
}

// All that is due leaves the heap before the first callback runs: a timer that re-arms itself for a moment
// already past would otherwise stand first again and again.
bool TimerQueue::fire_due(Time now) {
    while (!heap_.empty() && heap_.front()->deadline <= now) {
        Entry* entry = heap_.front();
        disarm(*entry);
        entry->due_position = due_.size();
        due_.push_back(entry);
    }
    const bool fired = next_due_ < due_.size();
    while (next_due_ < due_.size()) {
        Entry* entry = due_[next_due_++];
        if (entry == nullptr) continue;  // disarmed meanwhile
        entry->due_position = kNotQueued;
        const bool nested = std::exchange(entry->running, true);
        entry->callback();
        entry->running = nested;
        if (entry->abandoned && !nested) delete entry;
        if (fired_) fired_();
    }
    due_.clear();
    next_due_ = 0;
    return fired;
}

void TimerQueue::arm(Entry& entry, Time deadline) {
    if (entry.due_position != kNotQueued) disarm(entry);
    entry.deadline = deadline;
    entry.sequence = next_sequence_++;
    if (entry.position == kNotQueued) {
        heap_.push_back(&entry);
        entry.position = heap_.size() - 1;
        sift_up(entry.position);
    } else {
        sift_up(entry.position);
        sift_down(entry.position);
    }
    if (entry.position == 0) earliest_changed_();
}

void TimerQueue::disarm(Entry& entry) {
    if (entry.due_position != kNotQueued) due_[std::exchange(entry.due_position, kNotQueued)] = nullptr;
    if (entry.position == kNotQueued) return;
    const std::size_t hole = std::exchange(entry.position, kNotQueued);
    Entry* last = heap_.back();
    heap_.pop_back();
    if (last == &entry) return;
    place(hole, *last);
    sift_up(hole);
    sift_down(last->position);
}

void TimerQueue::place(std::size_t position, Entry& entry) {
    heap_[position] = &entry;
    entry.position = position;
}

void TimerQueue::sift_up(std::size_t position) {
    Entry* entry = heap_[position];
    while (position > 0) {
        const std::size_t parent = (position - 1) / 2;
        if (!entry->before(*heap_[parent])) break;
        place(position, *heap_[parent]);
        position = parent;
    }
    place(position, *entry);
}

void TimerQueue::sift_down(std::size_t position) {
    Entry* entry = heap_[position];
    for (;;) {
        std::size_t child = 2 * position + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1]->before(*heap_[child])) ++child;
        if (!heap_[child]->before(*entry)) break;
        place(position, *heap_[child]);
        position = child;
    }
    place(position, *entry);
}

}  // namespace relux::io

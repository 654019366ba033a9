// First come, first served: for clients that can do one call at a time.
#pragma once

#include <deque>

#include "vm/clients/call_guard.h"
#include "vm/io/task.h"

namespace relux::clients {

class CallQueue {
  public:
    /// One call's place, from its construction to its end.
    class Place {
      public:
        Place(CallQueue& queue, CallGuard& guard) : queue_(queue), guard_(guard) {
            queue_.calls_.push_back(&guard_);
        }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() {
            std::erase(queue_.calls_, &guard_);
            if (!queue_.calls_.empty()) queue_.calls_.front()->wake();
        }
        bool first() const { return queue_.calls_.front() == &guard_; }
        /// False when the call was stopped before it was its turn.
        io::Task<bool> turn() {
            while (!first() && !guard_.stopped())
                co_await guard_.wait();
            co_return first();
        }

      private:
        CallQueue& queue_;
        CallGuard& guard_;
    };

  private:
    std::deque<CallGuard*> calls_;
};

}  // namespace relux::clients

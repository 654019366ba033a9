// A guard gives a call its deadline, a way to cancel it, and one place where its coroutine waits.
//
// Guarantees: a waiting coroutine is resumed from the loop's timers only, never from inside a callback of a
// library, a call to cancel() or a call to wake(); so it may destroy its client, its guard and all else.
#pragma once

#include <coroutine>
#include <memory>
#include <string>
#include <vector>

#include "vm/clients/failure.h"
#include "vm/io/loop.h"

namespace relux::clients {

class CallGuard;

/// Ends the calls that were given it. Must outlive them.
class Cancellation {
  public:
    Cancellation() = default;
    Cancellation(const Cancellation&) = delete;
    Cancellation& operator=(const Cancellation&) = delete;
    ~Cancellation();

    /// For good, for calls that run and for those to come. They end in the loop's next turns, after they have
    /// let go of what they hold.
    void cancel();
    bool cancelled() const { return cancelled_; }

  private:
    friend class CallGuard;
    bool cancelled_ = false;
    std::vector<CallGuard*> calls_;
};

/// Time for the whole of a call, with connecting, redirects and waiting for its turn.
struct CallLimits {
    explicit CallLimits(Duration call_timeout, Cancellation* call_cancellation = nullptr)
        : timeout(call_timeout), cancellation(call_cancellation) {}
    Duration timeout;  ///< Duration::max() is none
    Cancellation* cancellation;
};

class CallGuard {
  public:
    /// The time starts now.
    CallGuard(io::Loop& loop, const CallLimits& limits);
    CallGuard(const CallGuard&) = delete;
    CallGuard& operator=(const CallGuard&) = delete;
    ~CallGuard();

    io::Loop& loop() { return loop_; }
    bool stopped() const { return cancelled() || timed_out(); }
    /// Why a stopped call ended: "`call`: timed out after 2s, `progress`". An empty progress is left out.
    Failure failure(const std::string& call, const std::string& progress) const;

    /// Ends the present wait(), or else the next one. May be called too often.
    void wake();

    class Awaiter {
      public:
        explicit Awaiter(CallGuard& guard) : guard_(guard) {}
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> handle) { guard_.suspend(handle); }
        void await_resume() const noexcept {}

      private:
        CallGuard& guard_;
    };
    /// Until wake(), until stopped(), or less: whoever waits looks again at what it waits for.
    Awaiter wait() { return Awaiter(*this); }

  private:
    bool cancelled() const { return cancellation_ != nullptr && cancellation_->cancelled(); }
    bool timed_out() const { return loop_.now() >= deadline_; }
    void suspend(std::coroutine_handle<> handle);
    void resume();

    io::Loop& loop_;
    Duration timeout_;
    io::Time started_;
    io::Time deadline_;
    Cancellation* cancellation_;
    std::coroutine_handle<> waiter_;
    bool woken_ = false;
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace relux::clients

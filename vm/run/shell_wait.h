// A shell waits until something has happened to it, or until its timer. All that it waits for is looked
// at again in one place, here, until it is over.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>

#include "vm/base/assert.h"
#include "vm/io/loop.h"
#include "vm/io/task.h"
#include "vm/run/activity.h"

namespace relux::run {

/// Something that a shell waits for.
class Awaited {
  public:
    /// Nothing: it is over. Otherwise when to look again at the latest; kNever: only when something happens.
    virtual std::optional<io::Time> look() = 0;

  protected:
    ~Awaited() = default;
};

/// The wait of one shell, whose operations wait one at a time.
class ShellWait {
  public:
    /// Both outlive this.
    ShellWait(io::Loop& loop, const Activity& activity);

    io::Time now() const { return loop_.now(); }
    bool stopped() const { return activity_.stopped(); }

    /// Waits until `awaited`, which minds the stop itself, is over. Allocates nothing.
    class Over {
      public:
        Over(ShellWait& wait, Awaited& awaited) : wait_(wait), awaited_(awaited) {}
        Over(const Over&) = delete;  // the wait holds its address
        Over& operator=(const Over&) = delete;
        bool await_ready() { return !wait_.look(awaited_); }
        void await_suspend(std::coroutine_handle<> handle) noexcept {
            RELUX_ASSERT(wait_.waiter_ == nullptr, "a shell waits for one thing at a time");
            handle_ = handle;
            wait_.waiter_ = this;
        }
        void await_resume() const noexcept {}

      private:
        friend class ShellWait;
        ShellWait& wait_;
        Awaited& awaited_;
        std::coroutine_handle<> handle_;
    };
    /// Looks at once, and again whenever something happens: `co_await wait.until_over(expectation)`.
    Over until_over(Awaited& awaited) { return {*this, awaited}; }
    /// False when stopped.
    io::Task<bool> until(io::Time time);
    /// Waits for the loop to have gone round once, so that timers and signals are seen. False when stopped.
    io::Task<bool> give_way();
    /// Something has happened: whoever waits looks again.
    void wake();
    /// Nobody waits for a time any more.
    void end() { timer_->disarm(); }

  private:
    /// False: it is over.
    bool look(Awaited& awaited);
    void wake_at(io::Time time);
    void on_timer();

    io::Loop& loop_;
    const Activity& activity_;
    std::unique_ptr<io::Timer> timer_;
    io::Time timer_at_{0};  ///< when timer_ fires, if armed; often too early, since re-arming costs more
    io::Time wanted_;       ///< when the present wait wants to end
    Over* waiter_ = nullptr;
};

}  // namespace relux::run

// The shells that a run can have open at once: as many as there are descriptors and terminals for. A test
// starts when all that it can need at once is reserved, in the order of asking, so that none that has begun
// waits for shells that others hold. What can't be known before, for the system is shared with others, is
// learned from the first shell that can't be opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "vm/io/loop.h"
#include "vm/io/task.h"

namespace relux::run {

/// May be used by any thread.
class ShellPool {
  public:
    /// By the present limit of descriptors.
    ShellPool();
    ShellPool(const ShellPool&) = delete;
    ShellPool& operator=(const ShellPool&) = delete;

    /// Called once in a run, when a test has to wait for shells: why. Set before anybody uses the pool; any
    /// thread calls it.
    std::function<void(const std::string&)> on_shortage;
    /// Shells at once, as far as is known by now; 1 at least.
    std::size_t capacity() const;
    /// Why a test that needs so many at once can never have them; nothing: it may, as far as is known by now.
    std::optional<std::string> refusal(std::size_t shells) const;

    /// Who waits for shells, on a loop that outlives this. Lives until it has them or has withdrawn.
    class Waiter {
      public:
        Waiter(io::Loop& loop, std::size_t shells) : loop_(loop), shells_(shells) {}
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;
        /// Notified on the loop, when waits() is over.
        io::Signal& over() { return over_; }
        bool waits() const { return waits_; }
        /// Says how many are reserved, to be given back: all that were asked for, or all that there can be.
        std::size_t granted() const { return granted_; }

      private:
        friend class ShellPool;
        io::Loop& loop_;
        io::Signal over_;
        std::size_t shells_;
        std::size_t granted_ = 0;
        bool waits_ = false;
    };
    /// At once, or after all who wait already.
    void reserve(Waiter& waiter);
    /// Does not wait any more, if it still does. On the waiter's thread.
    void withdraw(Waiter& waiter);
    /// Only if it can be had at once and nobody waits.
    bool try_reserve(std::size_t shells);
    void give_back(std::size_t shells);

    /// `test`, which identifies who holds it, has a shell, or has it no longer.
    void opened(const void* test);
    void closed(const void* test);
    /// A shell of `test` can't be opened for a reason that may go by. From here to end_wait() `test` waits,
    /// and fewer tests are started from now on.
    void begin_wait(const void* test, const std::string& why);
    void end_wait(const void* test);
    /// Whether a test that does not wait itself has a shell, whose end may be waited for.
    bool somebody_will_release() const;

  private:
    enum class Limit : std::uint8_t { Descriptors, Terminals, Learned };
    struct Holder {
        std::size_t shells = 0;
        std::size_t waiting = 0;
    };
    void forget_if_idle(const void* test);
    /// Says how many of so many can be reserved at once; nothing: they have to wait.
    std::optional<std::size_t> room_for(std::size_t shells);
    void look_for_terminals();
    void look_for_more_terminals();
    void serve();
    void say(const std::string& why);

    mutable std::mutex mutex_;  // guards all that follows
    std::size_t capacity_;
    Limit limited_by_ = Limit::Descriptors;
    bool terminals_known_ = false;
    std::size_t reserved_ = 0;
    std::size_t open_ = 0;
    bool said_ = false;
    std::list<Waiter*> line_;
    std::map<const void*, Holder> holders_;
};

/// Gives back when it goes.
class ShellReservation {
  public:
    ShellReservation() = default;
    ShellReservation(ShellPool& pool, std::size_t shells) : pool_(&pool), shells_(shells) {}
    ShellReservation(ShellReservation&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), shells_(other.shells_) {}
    ShellReservation& operator=(ShellReservation&& other) noexcept {
        std::swap(pool_, other.pool_);
        std::swap(shells_, other.shells_);
        return *this;
    }
    ~ShellReservation() {
        if (pool_ != nullptr) pool_->give_back(shells_);
    }
    explicit operator bool() const { return pool_ != nullptr; }

  private:
    ShellPool* pool_ = nullptr;
    std::size_t shells_ = 0;
};

}  // namespace relux::run

// Coroutines: a lazy task that is awaited once, and the list of waiters that cancellation and events share.
// Our own because the library of C++20 has no task, and cancelling has to reach every wait.
// Rules (g++ 12 miscompiles otherwise): never `co_await f(Aggregate{...})` or `co_await f([x]{...})`; name
// the argument first. No coroutine lambdas with captures. Ready awaits don't suspend.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "vm/base/assert.h"

namespace relux::io {

namespace detail {

struct TaskPromiseBase {
    std::coroutine_handle<> continuation = std::noop_coroutine();

    struct FinalAwaiter {
        FinalAwaiter() = default;
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> handle) const noexcept {
            return handle.promise().continuation;
        }
        void await_resume() const noexcept {}
    };
    std::suspend_always initial_suspend() noexcept { return {}; }
    FinalAwaiter final_suspend() noexcept { return {}; }
    [[noreturn]] void unhandled_exception() { std::terminate(); }
};

template <class T>
struct TaskPromise;

}  // namespace detail

/// A coroutine that starts when it is awaited and is awaited exactly once. Destroying it destroys its frame,
/// so it must not be destroyed while something may still resume it.
template <class T = void>
class [[nodiscard]] Task {
  public:
    using promise_type = detail::TaskPromise<T>;

    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&&) = delete;
    ~Task() {
        if (handle_) handle_.destroy();
    }

    class Awaiter {
      public:
        explicit Awaiter(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> continuation) noexcept {
            RELUX_ASSERT(handle_ && !handle_.done(), "task awaited twice, or after it was moved from");
            handle_.promise().continuation = continuation;
            return handle_;
        }
        T await_resume() { return handle_.promise().take(); }

      private:
        std::coroutine_handle<promise_type> handle_;
    };
    Awaiter operator co_await() && noexcept { return Awaiter(handle_); }
    Awaiter operator co_await() & noexcept { return Awaiter(handle_); }

  private:
    friend promise_type;
    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
struct TaskPromise : TaskPromiseBase {
    std::optional<T> value;
    Task<T> get_return_object() { return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this)); }
    void return_value(T result) { value.emplace(std::move(result)); }
    T take() {
        RELUX_ASSERT(value.has_value(), "task has no result");
        return std::move(*value);
    }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
    Task<void> get_return_object() {
        return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
    }
    void return_void() {}
    void take() {}
};

/// The frame that drives a task to its end without being awaited; it frees itself.
struct Detached {
    struct promise_type {
        Detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        [[noreturn]] void unhandled_exception() { std::terminate(); }
    };
};

}  // namespace detail

/// Child tasks that are joined before their owner dies. Children start at once, run on the owner's loop
/// thread.
class Scope {
  public:
    Scope() = default;
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { RELUX_ASSERT(running_ == 0, "scope left with running children"); }

    void start(Task<void> child) {
        ++running_;
        run(std::move(child));
    }
    int running() const { return running_; }

    class JoinAwaiter {
      public:
        explicit JoinAwaiter(Scope& scope) : scope_(scope) {}
        bool await_ready() const noexcept { return scope_.running_ == 0; }
        void await_suspend(std::coroutine_handle<> handle) noexcept {
            RELUX_ASSERT(!scope_.joiner_, "a scope has one joiner at a time");
            scope_.joiner_ = handle;
        }
        void await_resume() const noexcept {}

      private:
        Scope& scope_;
    };
    /// Waits until no child runs. One joiner at a time.
    JoinAwaiter join() { return JoinAwaiter(*this); }

  private:
    detail::Detached run(Task<void> child) {
        {
            // Destroyed before the join: its parameters may refer to what the joiner is about to destroy.
            Task<void> running_child = std::move(child);
            co_await running_child;
        }
        if (--running_ == 0 && joiner_) std::exchange(joiner_, nullptr).resume();
    }
    int running_ = 0;
    std::coroutine_handle<> joiner_;
};

/// A list of suspended coroutines. notify_all() resumes each exactly once, in the order in which they waited;
/// what waits anew during that call is not resumed by it.
class Signal {
  public:
    Signal() = default;
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
    ~Signal() { RELUX_ASSERT(first_ == nullptr, "signal destroyed with waiters"); }

    class Awaiter {
      public:
        explicit Awaiter(Signal& signal) : signal_(signal) {}
        Awaiter(const Awaiter&) = delete;  // the list holds its address
        Awaiter& operator=(const Awaiter&) = delete;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> handle) noexcept {
            handle_ = handle;
            *signal_.last_ = this;
            signal_.last_ = &next_;
        }
        void await_resume() const noexcept {}

      private:
        friend class Signal;
        Signal& signal_;
        std::coroutine_handle<> handle_;
        Awaiter* next_ = nullptr;
    };
    Awaiter wait() { return Awaiter(*this); }
    bool has_waiters() const { return first_ != nullptr; }
    void notify_all() {
        Awaiter* waiter = std::exchange(first_, nullptr);
        last_ = &first_;
        while (waiter != nullptr) {
            Awaiter* next = waiter->next_;  // the frame that holds the awaiter may be gone after resume()
            waiter->handle_.resume();
            waiter = next;
        }
    }

  private:
    Awaiter* first_ = nullptr;
    Awaiter** last_ = &first_;
};

}  // namespace relux::io

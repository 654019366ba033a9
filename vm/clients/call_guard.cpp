// One timer does it all: it stands at the deadline, or at zero once somebody wakes the call.
#include "vm/clients/call_guard.h"

#include <algorithm>
#include <utility>

#include "vm/base/assert.h"

namespace relux::clients {

Cancellation::~Cancellation() {
    RELUX_ASSERT(calls_.empty(), "a cancellation dies before its calls");
}

void Cancellation::cancel() {
    cancelled_ = true;
    for (CallGuard* call : calls_)
        call->wake();
}

CallGuard::CallGuard(io::Loop& loop, const CallLimits& limits)
    : loop_(loop),
      timeout_(limits.timeout),
      started_(loop.now()),
      deadline_(limits.timeout > io::Time::max() - started_ ? io::Time::max() : started_ + limits.timeout),
      cancellation_(limits.cancellation),
      timer_(loop.make_timer([this] { resume(); })) {
    if (cancellation_ != nullptr) cancellation_->calls_.push_back(this);
}

CallGuard::~CallGuard() {
    if (cancellation_ != nullptr) std::erase(cancellation_->calls_, this);
}

Failure CallGuard::failure(const std::string& call, const std::string& progress) const {
    const std::string suffix = progress.empty() ? "" : ", " + progress;
    if (cancelled()) {
        const std::string elapsed = format_elapsed(loop_.now() - started_);
        return {FailureKind::Cancelled, call + ": cancelled after " + elapsed + suffix};
    }
    return {FailureKind::TimedOut, call + ": timed out after " + describe_duration(timeout_) + suffix};
}

void CallGuard::wake() {
    woken_ = true;
    if (waiter_) timer_->arm(io::Time(0));
}

void CallGuard::suspend(std::coroutine_handle<> handle) {
    RELUX_ASSERT(!waiter_, "a call waits at one place at a time");
    waiter_ = handle;
    if (woken_ || cancelled()) {
        timer_->arm(io::Time(0));
    } else if (deadline_ != io::Time::max()) {
        timer_->arm(deadline_);
    } else {
        timer_->disarm();
    }
}

// The guard may be gone when the coroutine comes back.
void CallGuard::resume() {
    woken_ = false;
    if (waiter_) std::exchange(waiter_, nullptr).resume();
}

}  // namespace relux::clients

// Signal masks of threads.
#include "vm/clients/quiet_thread.h"

#include <ctime>
#include <system_error>
#include <utility>

#include "vm/base/signals.h"

namespace relux::clients {

namespace {

bool pipe_signal_is_pending() {
    sigset_t pending;
    ::sigemptyset(&pending);
    ::sigpending(&pending);
    return ::sigismember(&pending, SIGPIPE) == 1;
}

sigset_t only_pipe_signal() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGPIPE);
    return set;
}

}  // namespace

Result<std::thread> start_quiet_thread(std::function<void()> work) {
    const BlockedSignals of_the_thread;
    try {
        return std::thread(std::move(work));
    } catch (const std::system_error& failed) {
        return system_error("cannot start a thread", failed.code().value());
    }
}

NoPipeSignal::NoPipeSignal() : was_pending_(pipe_signal_is_pending()) {
    const sigset_t set = only_pipe_signal();
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
}

NoPipeSignal::~NoPipeSignal() {
    // A signal that was raised meanwhile must not arrive once signals are let through again.
    if (!was_pending_ && pipe_signal_is_pending()) {
        const sigset_t set = only_pipe_signal();
        const timespec at_once{};
        ::sigtimedwait(&set, nullptr, &at_once);
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace relux::clients

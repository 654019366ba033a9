#include "tools/screen/held_interrupts.h"

#include <csignal>
#include <ctime>
#include <initializer_list>

#include "vm/base/signals.h"

namespace relux::cli {

HeldInterrupts::HeldInterrupts(bool told) : told_(told) {
    sigset_t interrupts;
    ::sigemptyset(&interrupts);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGXFSZ, SIGUSR1}) {
        if (!is_ignored(signal)) ::sigaddset(&interrupts, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &interrupts, nullptr);
}

bool HeldInterrupts::told_to_end() {
    sigset_t held;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &held);
    // Those that nobody sends to end a program.
    for (const int other :
         {SIGUSR1, SIGXFSZ, SIGXCPU, SIGPIPE, SIGCHLD, SIGWINCH, SIGURG, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU})
        ::sigdelset(&held, other);
    const timespec none{};
    while (::sigtimedwait(&held, nullptr, &none) > 0)
        told_ = true;
    return told_;
}

}  // namespace relux::cli

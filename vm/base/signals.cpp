#include "vm/base/signals.h"

namespace relux {

bool is_ignored(int signal) {
    struct sigaction present {};
    return ::sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_IGN;
}

BlockedSignals::BlockedSignals(int but) {
    sigset_t blocked;
    ::sigfillset(&blocked);
    if (but != 0) ::sigdelset(&blocked, but);
    ::pthread_sigmask(SIG_SETMASK, &blocked, &before_);
}

BlockedSignals::~BlockedSignals() {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace relux

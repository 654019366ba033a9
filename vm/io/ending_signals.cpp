// Uses a signalfd, for some forty signals by handlers would be some hundred system calls at each start.
#include "vm/io/ending_signals.h"

#include <array>
#include <sys/signalfd.h>
#include <utility>

namespace relux::io {

namespace {

constexpr std::array kEnding = {SIGHUP,  SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM,  SIGSTKFLT,
                                SIGXCPU, SIGPROF, SIGIO,   SIGPWR,  SIGVTALRM};

bool has_default(int signal) {
    struct sigaction present {};
    return ::sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_DFL;
}

}  // namespace

void EndingSignals::watch(uv_loop_t* uv, std::function<void(int)> told) {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGINT);
    ::sigaddset(&signals_, SIGTERM);
    const auto add = [this](int signal) {
        if (has_default(signal)) ::sigaddset(&signals_, signal);
    };
    for (const int signal : kEnding)
        add(signal);
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal)
        add(signal);
    descriptor_ = Fd(::signalfd(-1, &signals_, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!descriptor_ || uv_poll_init(uv, &ready_, descriptor_.get()) != 0) return;
    told_ = std::move(told);
    ready_.data = this;
    uv_poll_start(&ready_, UV_READABLE,
                  [](uv_poll_t* poll, int, int) { static_cast<EndingSignals*>(poll->data)->read(); });
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

void EndingSignals::leave_out(int signal) {
    if (!descriptor_ || ::sigismember(&signals_, signal) != 1) return;
    ::sigdelset(&signals_, signal);
    ::signalfd(descriptor_.get(), &signals_, 0);
    sigset_t one;
    ::sigemptyset(&one);
    ::sigaddset(&one, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
}

void EndingSignals::read() {
    signalfd_siginfo signal{};
    while (::read(descriptor_.get(), &signal, sizeof signal) == sizeof signal)
        told_(static_cast<int>(signal.ssi_signo));
}

}  // namespace relux::io

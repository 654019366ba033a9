// See guardian.h. A fork and no exec: it is ready within a fraction of a millisecond and needs no file of its
// own.
#include "vm/io/guardian.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/io/shell_process.h"

namespace relux::io {

namespace {

/// One round finds what the last one's victims had just started; more rounds than that mean a fork bomb.
constexpr int kRounds = 50;
constexpr timespec kBetweenRounds{0, 10'000'000};

/// Kills what carries a family number of `runner`; whether there was anything.
bool kill_families_of(pid_t runner) {
    DIR* directory = ::opendir("/proc");
    if (directory == nullptr) return false;
    bool found = false;
    while (const dirent* entry = ::readdir(directory)) {
        pid_t pid = 0;
        const char* end = entry->d_name + std::strlen(entry->d_name);
        const auto [last, error] = std::from_chars(entry->d_name, end, pid);
        if (error != std::errc() || last != end || !is_family_of(process_family(pid), runner)) continue;
        // A zombie keeps its limits until somebody waits for it, and cannot be killed again.
        if (::kill(pid, SIGKILL) == 0) found = true;
    }
    ::closedir(directory);
    return found;
}

[[noreturn]] void guard(pid_t runner, int pipe) {
    ::setsid();
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    ::prctl(PR_SET_NAME, "relux-guard");
    // The runner's output must end when the runner does.
    const int null = ::open("/dev/null", O_RDWR);
    for (int number = 0; number < 3; ++number)
        ::dup2(null, number);
    const int kept = ::fcntl(pipe, F_DUPFD, 3);
    if (kept != 3) ::dup2(pipe, 3);
    ::close_range(4, ~0U, 0);
    char farewell = 0;
    ssize_t got = 0;
    do {
        got = ::read(3, &farewell, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 0) {
        for (int round = 0; round < kRounds && kill_families_of(runner); ++round) {
            ::nanosleep(&kBetweenRounds, nullptr);
        }
    }
    ::_exit(0);
}

}  // namespace

Status Guardian::start() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("cannot make a pipe", errno);
    Fd reading(ends[0]);
    farewell_ = Fd(ends[1]);
    const pid_t runner = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) return system_error("cannot start the guardian process", errno);
    if (pid_ == 0) guard(runner, reading.get());
    return Done{};
}

Guardian::~Guardian() {
    if (pid_ <= 0) return;
    const char farewell = 1;
    [[maybe_unused]] const ssize_t written = ::write(farewell_.get(), &farewell, 1);
    farewell_.reset();
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace relux::io

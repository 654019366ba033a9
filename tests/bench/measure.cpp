// Measures what one run of a program costs. A program of its own, and a small one: what exec replaces counts
// as memory of the new program, and a starting time of an interpreter would be in every figure.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/floor_cases.h"
#include "tests/bench/floor_shell.h"

extern char** environ;

namespace relux::bench {

namespace {

long long nanoseconds(const timeval& time) {
    return time.tv_sec * 1'000'000'000LL + time.tv_usec * 1'000LL;
}

std::vector<char*> arguments_of(const Command& program) {
    std::vector<char*> arguments;
    for (const auto& argument : program)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    return arguments;
}

}  // namespace

long long processor_time(int pid) {
    constexpr clockid_t kSchedulerClock = 2;
    timespec time{};
    ::clock_gettime((~static_cast<clockid_t>(pid) << 3) | kSchedulerClock, &time);
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

void note_start(const std::string& note, const Command& shell) {
    const auto at = nanoseconds_now();
    const auto runner = ::getppid();
    const auto own = processor_time(runner);
    const int file = ::open(note.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (file >= 0) {
        ::dprintf(file, "at %lld\nown %lld\n", at, own);
        ::close(file);
        ::kill(runner, SIGINT);
    }
    ::execvp(shell[0].c_str(), arguments_of(shell).data());
    fail("cannot run " + shell[0] + ": " + std::strerror(errno));
}

void measure(const std::string& log, const Command& program) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    auto arguments = arguments_of(program);
    const auto start = nanoseconds_now();
    pid_t pid = -1;
    const int code = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    if (code != 0) fail("cannot run " + program[0] + ": " + std::strerror(code));
    siginfo_t information{};
    while (::waitid(P_PID, static_cast<id_t>(pid), &information, WEXITED | WNOWAIT) != 0) {
        if (errno != EINTR) fail("cannot wait");
    }
    const auto wall = nanoseconds_now() - start;
    const auto own = processor_time(pid);
    rusage usage{};
    int status = 0;
    ::wait4(pid, &status, 0, &usage);
    ::posix_spawn_file_actions_destroy(&actions);
    std::printf("start %lld\nwall %lld\nown %lld\nall %lld\nmemory %ld\nstatus %d\n", start, wall, own,
                nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime), usage.ru_maxrss,
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

}  // namespace relux::bench

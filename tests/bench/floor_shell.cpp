// posix_spawn, because its cost does not grow with the memory of the program.
#include "tests/bench/floor_shell.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace relux::bench {

namespace {

constexpr std::size_t kReadSize = 64 * 1024;

std::string open_terminal(int& master) {
    master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char path[64];
    if (master < 0 || ::unlockpt(master) != 0 || ::ptsname_r(master, path, sizeof path) != 0)
        fail(std::string("no terminal: ") + std::strerror(errno));
    winsize size{};
    size.ws_col = 65535;
    size.ws_row = 24;
    termios modes{};
    ::ioctl(master, TIOCSWINSZ, &size);
    ::tcgetattr(master, &modes);
    modes.c_iflag |= IUTF8;
    ::tcsetattr(master, TCSANOW, &modes);
    return path;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const auto& text : texts)
        result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

pid_t spawn(const std::vector<std::string>& command, const std::string& terminal) {
    static const std::vector<std::string> environment = shell_environment();
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    ::posix_spawn_file_actions_addopen(&actions, 0, terminal.c_str(), O_RDWR, 0);
    ::posix_spawn_file_actions_adddup2(&actions, 0, 1);
    ::posix_spawn_file_actions_adddup2(&actions, 0, 2);
    pid_t pid = -1;
    const int code = ::posix_spawnp(&pid, command.front().c_str(), &actions, &attributes,
                                    pointers(command).data(), pointers(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (code != 0) fail("cannot run " + command.front() + ": " + std::strerror(code));
    return pid;
}

}  // namespace

void fail(const std::string& message) {
    std::fprintf(stderr, "bench_floor: %s\n", message.c_str());
    std::exit(1);
}

long long nanoseconds_now() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

std::vector<std::string> shell_environment() {
    std::vector<std::string> environment = {"PS1=" + std::string(kPrompt),
                                            "PS2=", "PROMPT_COMMAND=", "HISTFILE=", "TERM=dumb"};
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto name = text.substr(0, text.find('='));
        if (name != "PS1" && name != "PS2" && name != "PROMPT_COMMAND" && name != "HISTFILE" &&
            name != "TERM")
            environment.emplace_back(text);
    }
    return environment;
}

void raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

FloorShell::FloorShell(const std::vector<std::string>& command) {
    const auto terminal = open_terminal(master_);
    pid_ = spawn(command, terminal);
}

FloorShell::FloorShell(FloorShell&& other) noexcept
    : master_(std::exchange(other.master_, -1)),
      pid_(std::exchange(other.pid_, -1)),
      process_(std::exchange(other.process_, -1)),
      output_(std::move(other.output_)),
      head_(std::exchange(other.head_, 0)) {}

FloorShell::~FloorShell() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (master_ >= 0) ::close(master_);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
}

void FloorShell::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(master_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(std::string("cannot write to a shell: ") + std::strerror(errno));
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

bool FloorShell::read_some() {
    static char buffer[kReadSize];
    const ssize_t count = ::read(master_, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) return true;
    if (count <= 0) return false;
    output_.append(buffer, static_cast<std::size_t>(count));
    return true;
}

bool FloorShell::wait(int milliseconds) const {
    pollfd descriptor{master_, POLLIN, 0};
    return ::poll(&descriptor, 1, milliseconds) > 0;
}

void FloorShell::skip_prompt() {
    for (;;) {
        const auto at = output().find(kPrompt);
        if (at != std::string_view::npos) return consume(at + kPrompt.size());
        wait();
        if (!read_some()) fail("a shell ended before its prompt");
    }
}

void FloorShell::consume(std::size_t count) {
    head_ += count;
    if (head_ < output_.size() / 2) return;
    output_.erase(0, head_);
    head_ = 0;
}

// Not by a signal: bash loses one that comes just before it waits for input.
int FloorShell::hang_up() {
    process_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    ::close(std::exchange(master_, -1));
    return process_;
}

void FloorShell::join() {
    ::waitpid(pid_, nullptr, 0);
    ::close(process_);
    pid_ = -1;
}

}  // namespace relux::bench

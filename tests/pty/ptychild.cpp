// A program that misbehaves on command, for the tests on real terminals. Independent of Relux.
//   ptychild MODE [ARGUMENT]
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <functional>
#include <map>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace {

void put(const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t count = ::write(1, text.data() + done, text.size() - done);
        if (count <= 0) ::_exit(90);
        done += static_cast<std::size_t>(count);
    }
}

std::string get_line() {
    std::string line;
    char byte = 0;
    while (::read(0, &byte, 1) == 1 && byte != '\n')
        line += byte;
    return line;
}

[[noreturn]] void wait_for_ever() {
    for (;;)
        ::pause();
}

void set_modes(bool raw, bool echo) {
    termios modes{};
    ::tcgetattr(0, &modes);
    if (raw) ::cfmakeraw(&modes);
    if (!echo) modes.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(0, TCSANOW, &modes);
}

// Bytes that show a loss or a swap: a counter in every 16-byte record.
void put_huge(long size) {
    std::string block;
    for (long done = 0; done < size; done += 16) {
        char record[32];
        std::snprintf(record, sizeof record, "%014ld\r\n", done / 16);
        block += record;
        if (block.size() < 65536 && done + 16 < size) continue;
        put(block);
        block.clear();
    }
}

// The grandchild leaves session, terminal, environment and working directory behind.
void start_daemon(bool keep_environment) {
    int ready[2];
    if (::pipe(ready) != 0) ::_exit(91);
    if (::fork() == 0) {
        ::setsid();
        if (::fork() != 0) ::_exit(0);
        ::signal(SIGHUP, SIG_IGN);
        ::signal(SIGTERM, SIG_IGN);
        if (!keep_environment) ::clearenv();
        const pid_t self = ::getpid();
        if (::write(ready[1], &self, sizeof self) < 0) ::_exit(92);
        for (int fd = 0; fd < 20; ++fd)
            ::close(fd);
        char name[] = "ptychild";
        char mode[] = "sleep-for-ever";
        char* arguments[] = {name, mode, nullptr};
        ::execve("/proc/self/exe", arguments, environ);
        ::_exit(93);
    }
    pid_t daemon = 0;
    if (::read(ready[0], &daemon, sizeof daemon) < 0) ::_exit(94);
    put("daemon " + std::to_string(daemon) + "\n");
}

void show_descriptors() {
    std::string open;
    DIR* directory = ::opendir("/proc/self/fd");
    while (const dirent* entry = ::readdir(directory)) {
        const int fd = std::atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd != ::dirfd(directory)) open += " " + std::to_string(fd);
    }
    ::closedir(directory);
    put("fds" + open + "\n");
}

void show_signals() {
    std::string odd;
    sigset_t blocked;
    ::sigprocmask(SIG_BLOCK, nullptr, &blocked);
    for (int number = 1; number < 65; ++number) {
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler != SIG_DFL) odd += " handled";
        if (::sigismember(&blocked, number) == 1) odd += " blocked";
    }
    put("signals" + odd + "\n");
}

void show_environment() {
    for (char** entry = environ; *entry != nullptr; ++entry)
        put(std::string(*entry) + "\n");
    put("end of environment\n");
}

void show_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    put("limit " + std::to_string(limit.rlim_cur) + "\n");
}

void show_terminal() {
    termios modes{};
    ::tcgetattr(0, &modes);
    put(std::string("modes") + ((modes.c_lflag & ICANON) != 0 ? " canonical" : "") +
        ((modes.c_lflag & ECHO) != 0 ? " echo" : "") + ((modes.c_oflag & ONLCR) != 0 ? " onlcr" : "") +
        ((modes.c_iflag & IUTF8) != 0 ? " utf8" : "") + (::tcgetpgrp(0) == ::getpid() ? " foreground" : "") +
        (::getsid(0) == ::getpid() ? " leader" : "") + "\n");
}

void talk_without_echo() {
    set_modes(false, false);
    put("ready\n");
    for (;;)
        put("got:" + get_line() + "\n");
}

// Writes without reading a byte, then reads as much as it was told to.
void write_then_read(long size) {
    set_modes(true, false);
    put("ready\n");
    put_huge(size);
    long got = 0;
    std::vector<char> buffer(65536);
    while (got < size) {
        const ssize_t count = ::read(0, buffer.data(), buffer.size());
        if (count <= 0) break;
        got += count;
    }
    put("read " + std::to_string(got) + "\n");
}

void ignore_hang_up() {
    ::signal(SIGHUP, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    put("ready\n");
    wait_for_ever();
}

// Misses the first hang-up, as bash may.
void miss_hang_up() {
    static volatile sig_atomic_t hang_ups = 0;
    ::signal(SIGTERM, SIG_IGN);
    ::signal(SIGHUP, [](int) {
        hang_ups = hang_ups + 1;
        if (hang_ups == 2) ::_exit(7);
    });
    put("ready\n");
    wait_for_ever();
}

void close_terminal() {
    put("ready\n");
    for (int fd = 0; fd < 3; ++fd)
        ::close(fd);
    wait_for_ever();
}

// A child that outlives the shell's process, in its session and ignoring hang-up.
void leave_child() {
    ::signal(SIGHUP, SIG_IGN);
    if (::fork() == 0) wait_for_ever();
    put("ready\n");
    get_line();
}

// Starts a new child whenever one dies.
void restart_children() {
    ::signal(SIGHUP, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    put("ready\n");
    for (;;) {
        const pid_t child = ::fork();
        if (child == 0) wait_for_ever();
        int status = 0;
        ::waitpid(child, &status, 0);
    }
}

void half_a_sequence() {
    put("\xe2\x82");
    get_line();
    put("\xac\n");
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    const long number = argc > 2 ? std::atol(argv[2]) : 0;
    const std::map<std::string, std::function<void()>> modes = {
        {"close-terminal", close_terminal},
        {"daemon", [] { start_daemon(true), get_line(); }},
        {"daemon-without-environment", [] { start_daemon(false), get_line(); }},
        {"descriptors", show_descriptors},
        {"environment", show_environment},
        {"exit", [&] { ::_exit(static_cast<int>(number)); }},
        {"half-sequence", half_a_sequence},
        {"huge", [&] { put_huge(number); }},
        {"ignore-hang-up", ignore_hang_up},
        {"late",
         [&] { put("ready\n"), get_line(), ::usleep(static_cast<useconds_t>(number)), put("late\n"); }},
        {"leave-child", leave_child},
        {"limit", show_limit},
        {"miss-hang-up", miss_hang_up},
        {"no-echo", talk_without_echo},
        {"no-newline", [] { put("no newline"), wait_for_ever(); }},
        {"restart-children", restart_children},
        {"signal", [&] { ::kill(::getpid(), static_cast<int>(number)), wait_for_ever(); }},
        {"signals", show_signals},
        {"sleep-for-ever", [] { wait_for_ever(); }},
        {"stop", [] { put("ready\n"), ::raise(SIGSTOP), wait_for_ever(); }},
        {"terminal", show_terminal},
        {"write-then-read", [&] { write_then_read(number); }},
    };
    const auto found = modes.find(mode);
    if (found == modes.end()) {
        std::fprintf(stderr, "ptychild: no mode `%s`\n", mode.c_str());
        return 2;
    }
    found->second();
    return 0;
}

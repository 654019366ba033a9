#include "vm/io/terminal_job.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <termios.h>
#include <unistd.h>
#include <vector>

#include "vm/io/process_tree.h"

namespace relux::io {

namespace {

/// No job has processes that start each other so deep, unless it never stops to.
constexpr int kMostDepth = 64;

std::string program_of(pid_t pid) {
    std::array<char, 64> path{};
    std::snprintf(path.data(), path.size(), "/proc/%d/exe", pid);
    std::array<char, 4096> target{};
    const ssize_t size = ::readlink(path.data(), target.data(), target.size());
    const std::string_view file(target.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
    return std::string(file.substr(file.rfind('/') + 1));
}

TerminalJob::State state_of(pid_t pid) {
    switch (process_state(pid)) {
        case 'R':
            return TerminalJob::State::Running;
        case 'S':
        case 'D':
            return TerminalJob::State::Asleep;
        case 'T':
        case 't':
            return TerminalJob::State::Stopped;
        default:
            return TerminalJob::State::Unknown;
    }
}

/// The last of those that are in the group and run; 0: none does.
pid_t last_in_group(const std::vector<pid_t>& processes, pid_t group) {
    const auto found = std::find_if(processes.rbegin(), processes.rend(), [group](pid_t pid) {
        return ::getpgid(pid) == group && process_runs(pid);
    });
    return found == processes.rend() ? 0 : *found;
}

/// What the job waits for: a script is less interesting than the program that it runs.
pid_t innermost(pid_t pid, pid_t group, const ProcessTree& processes) {
    for (int depth = 0; depth < kMostDepth; ++depth) {
        std::vector<pid_t> children;
        processes.append_children(pid, children);
        const pid_t child = last_in_group(children, group);
        if (child == 0) break;
        pid = child;
    }
    return pid;
}

}  // namespace

TerminalJob terminal_job(int master, pid_t shell, const ProcessTree& processes) {
    TerminalJob job;
    const pid_t group = ::tcgetpgrp(master);
    if (group <= 0) return job;
    job.pid = group;
    if (!process_runs(group)) {
        std::vector<pid_t> below;
        processes.append_descendants(shell, below);
        job.pid = last_in_group(below, group);
        if (job.pid == 0) return job;
    }
    job.pid = innermost(job.pid, group, processes);
    job.is_shell = job.pid == shell;
    job.command_line = command_line(job.pid);
    job.program = program_of(job.pid);
    job.state = state_of(job.pid);
    termios modes{};
    job.echo_is_off =
        ::tcgetattr(master, &modes) == 0 && (modes.c_lflag & ICANON) != 0 && (modes.c_lflag & ECHO) == 0;
    return job;
}

}  // namespace relux::io

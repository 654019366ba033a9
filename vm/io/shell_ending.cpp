// The signals that end a family of processes.
#include "vm/io/shell_ending.h"

#include <cerrno>
#include <signal.h>
#include <unistd.h>

namespace relux::io {

ShellEnding::ShellEnding(ShellFamilies& families, const ShellIdentity& shell)
    : families_(families), shell_(shell) {}

bool ShellEnding::sweep(bool shell_alive, Pressure pressure) {
    bool left = shell_alive;
    const auto members = families_.members(shell_, shell_alive, hung_up_);
    only_the_shell_ = shell_alive && members.processes.size() == 1;
    // Before anybody is signalled: what the first one leaves behind when it dies is no daemon.
    for (std::size_t index = members.below_shell; index < members.processes.size(); ++index) {
        const pid_t pid = members.processes[index];
        if (!hung_up_.contains(pid) && ::getsid(pid) != shell_.pid && process_runs(pid))
            daemons_.push_back(describe(pid));
    }
    for (pid_t pid : members.processes) {
        if (untouchable_.contains(pid)) continue;
        pressure == Pressure::Kill ? kill(pid) : hang_up(pid, pressure == Pressure::HangUpAgain);
        left = left || !untouchable_.contains(pid);
    }
    return !left;
}

void ShellEnding::hang_up(pid_t pid, bool again) {
    if (!hung_up_.insert(pid).second) {
        // Not SIGTERM: to many programs a second one means to drop what they are still tidying up.
        if (again) ::kill(pid, SIGHUP);
        return;
    }
    // Interactive shells ignore SIGTERM and take SIGHUP; daemons often do the reverse. A server that starts
    // itself anew on SIGHUP would lose a SIGTERM that comes meanwhile, so that comes first. A stopped process
    // takes neither before it is continued.
    for (const int signal : {SIGTERM, SIGHUP, SIGCONT}) {
        if (::kill(pid, signal) != 0 && errno == EPERM) untouchable_.insert(pid);
    }
}

void ShellEnding::kill(pid_t pid) {
    hung_up_.insert(pid);
    if (!shot_.insert(pid).second) return;
    // A zombie below a living parent is none that had to be killed.
    const bool runs = process_runs(pid);
    auto description = runs ? describe(pid) : LeftProcess();
    if (::kill(pid, SIGKILL) != 0) {
        if (errno == EPERM) untouchable_.insert(pid);
        return;
    }
    if (runs) killed_.push_back(std::move(description));
}

LeftProcess ShellEnding::describe(pid_t pid) const {
    const auto mark = process_mark(pid);
    return {pid, command_line(pid), process_age(pid), mark.family == shell_.family ? mark.statement : 0};
}

}  // namespace relux::io

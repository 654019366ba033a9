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
    if (pressure == Pressure::Kill) {
        for (const pid_t pid : members.processes) {
            if (!untouchable_.contains(pid)) kill(pid);
        }
    } else {
        hang_up(members.processes, pressure == Pressure::HangUpAgain);
    }
    for (const pid_t pid : members.processes)
        left = left || !untouchable_.contains(pid);
    return !left;
}

// Interactive shells ignore SIGTERM and take SIGHUP; daemons often do the reverse. A server that starts
// itself anew on SIGHUP loses a SIGTERM that comes before it has done so, and a shell passes its SIGHUP on to
// its jobs. So everybody has the SIGTERM before anybody has the SIGHUP.
void ShellEnding::hang_up(const std::vector<pid_t>& processes, bool again) {
    for (const pid_t pid : processes) {
        if (!untouchable_.contains(pid)) terminate(pid);
    }
    for (const pid_t pid : processes) {
        if (untouchable_.contains(pid)) continue;
        if (!hung_up_.insert(pid).second && !again) continue;
        signal(pid, SIGHUP);
        // A stopped process takes neither before it is continued.
        signal(pid, SIGCONT);
    }
}

void ShellEnding::terminate(pid_t pid) {
    const auto [known, is_new] = terminated_.try_emplace(pid);
    const auto program = process_program(pid);
    // To many programs a second SIGTERM means to drop what they are still tidying up, so only a program that
    // has been executed since the first one gets it: its predecessor in the same process may have noted the
    // signal and never looked at the note.
    if (!is_new && program == known->second) return;
    known->second = program;
    signal(pid, SIGTERM);
}

void ShellEnding::signal(pid_t pid, int number) {
    if (::kill(pid, number) != 0 && errno == EPERM) untouchable_.insert(pid);
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

// The signals that end a family of processes.
#include "vm/io/shell_ending.h"

#include <cerrno>
#include <signal.h>

namespace relux::io {

ShellEnding::ShellEnding(ShellFamilies& families, const ShellIdentity& shell)
    : families_(families), shell_(shell) {}

bool ShellEnding::sweep(bool shell_alive, Pressure pressure) {
    bool left = shell_alive;
    const auto members = families_.members(shell_, shell_alive, hung_up_);
    only_the_shell_ = shell_alive && members.size() == 1;
    for (pid_t pid : members) {
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
    // Interactive shells ignore SIGTERM and take SIGHUP; daemons often do the reverse. A stopped process
    // takes neither before it is continued.
    for (const int signal : {SIGHUP, SIGTERM, SIGCONT}) {
        if (::kill(pid, signal) != 0 && errno == EPERM) untouchable_.insert(pid);
    }
}

void ShellEnding::kill(pid_t pid) {
    hung_up_.insert(pid);
    if (!shot_.insert(pid).second) return;
    // A zombie below a living parent is none that had to be killed.
    const bool runs = process_runs(pid);
    std::string arguments = runs ? command_line(pid) : std::string();
    const auto age = runs ? process_age(pid) : Duration(0);
    if (::kill(pid, SIGKILL) != 0) {
        if (errno == EPERM) untouchable_.insert(pid);
        return;
    }
    if (runs) killed_.push_back({pid, std::move(arguments), age});
}

}  // namespace relux::io

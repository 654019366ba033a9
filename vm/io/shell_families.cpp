// Membership by descent, session, family number and owner mark, asked in the order of what they cost.
#include "vm/io/shell_families.h"

#include <algorithm>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace relux::io {

ShellFamilies::ShellFamilies(ProcessTree& processes, RunnerProcess& runner)
    : processes_(processes), runner_(runner) {}

bool ShellFamilies::carries_a_family(pid_t pid) const {
    if (!runner_.limits.families()) return false;
    const rlim_t family = process_family(pid);
    return family != runner_.limits.no_family() && family != RLIM_INFINITY;
}

bool ShellFamilies::belongs(const ShellIdentity& shell, pid_t orphan, const std::set<pid_t>& known) {
    const rlim_t family = runner_.limits.families() ? process_family(orphan) : RLIM_INFINITY;
    if (family == shell.family || known.contains(orphan) || ::getsid(orphan) == shell.pid) return true;
    // A runner inside a shell gave its shells numbers of its own, and left one of them behind. With one shell
    // here there is no doubt whose it is; otherwise it stays until the last one ends.
    return runner_.shells.used() == 1 && !runner_.shells.has_family(family) && carries_a_family(orphan);
}

std::vector<pid_t> ShellFamilies::members(const ShellIdentity& shell, bool with_shell,
                                          const std::set<pid_t>& known) {
    std::vector<pid_t> result;
    if (with_shell) {
        result.push_back(shell.pid);
        processes_.append_descendants(shell.pid, result);
    }
    append_orphans(shell, known, result);
    if (!shell.owner_mark.empty()) append_marked(shell, result);
    return result;
}

void ShellFamilies::append_orphans(const ShellIdentity& shell, const std::set<pid_t>& known,
                                   std::vector<pid_t>& result) {
    auto orphans = processes_.adopted_children();
    runner_.shells.erase_shells(orphans);
    for (pid_t orphan : orphans) {
        if (orphan == runner_.guardian.pid() || !belongs(shell, orphan, known)) continue;
        if (::waitpid(orphan, nullptr, WNOHANG) == orphan) continue;
        result.push_back(orphan);
        processes_.append_descendants(orphan, result);
    }
}

void ShellFamilies::append_marked(const ShellIdentity& shell, std::vector<pid_t>& result) {
    const auto is_shell = [this](pid_t pid) { return runner_.shells.has_process(pid); };
    for (pid_t pid : processes_.with_environment(shell.owner_mark, is_shell)) {
        if (pid == shell.pid || std::find(result.begin(), result.end(), pid) != result.end()) continue;
        if (process_runs(pid) && !is_below_other_shell(shell, pid)) result.push_back(pid);
    }
}

bool ShellFamilies::is_below_other_shell(const ShellIdentity& shell, pid_t pid) const {
    for (const pid_t other : runner_.shells.processes_besides(shell)) {
        if (other == pid) return true;
        std::vector<pid_t> below;
        processes_.append_descendants(other, below);
        if (std::find(below.begin(), below.end(), pid) != below.end()) return true;
    }
    return false;
}

// Whoever reaps the last shell that has ended sees what orphans have ended too, so none of them is overlooked
// for the sake of another loop's shell.
void ShellFamilies::reap_orphans() {
    if (!ProcessTree::has_zombies()) return;
    auto orphans = processes_.adopted_children();
    runner_.shells.erase_shells(orphans);
    for (pid_t orphan : orphans)
        reap_if_orphan(orphan);
}

bool ShellFamilies::reap_if_orphan(pid_t child) {
    return child != runner_.guardian.pid() && !runner_.shells.has_process(child) && carries_a_family(child) &&
           ::waitpid(child, nullptr, WNOHANG) == child;
}

void ShellFamilies::kill_leftovers() {
    for (int round = 0; round < 1000; ++round) {
        bool left = false;
        for (pid_t child : processes_.adopted_children()) {
            if (runner_.shells.has_process(child) || !carries_a_family(child)) continue;
            std::vector<pid_t> below;
            processes_.append_descendants(child, below);
            for (pid_t pid : below)
                ::kill(pid, SIGKILL);
            ::kill(child, SIGKILL);
            ::waitpid(child, nullptr, WNOHANG);
            // Also when it is gone: what it had below it may only now become ours.
            left = true;
        }
        if (!left) return;
        ::poll(nullptr, 0, 1);
    }
}

}  // namespace relux::io

// Membership by descent first; then what tells from which shell, in the order of what it costs.
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
    const rlim_t family = process_mark(pid).family;
    return family != runner_.limits.no_family() && family != RLIM_INFINITY;
}

bool ShellFamilies::is_ours(pid_t orphan) const {
    if (runner_.inherited.orphans_are_ours() || carries_a_family(orphan)) return true;
    const unsigned long slack = process_slack(orphan);
    return slack != 0 && runner_.shells.another_has_slack({}, slack);
}

void ShellFamilies::erase_others(std::vector<pid_t>& children) const {
    runner_.shells.erase_shells(children);
    std::erase_if(children, [this](pid_t pid) {
        return pid == runner_.guardian.pid() || runner_.inherited.contains(pid);
    });
}

std::vector<pid_t> ShellFamilies::orphans() {
    auto children = processes_.adopted_children();
    erase_others(children);
    if (children.empty()) return children;
    // Among them may be one that another thread has just started and not registered yet.
    const std::lock_guard nobody_starts(runner_.shells.starts());
    erase_others(children);
    return children;
}

bool ShellFamilies::reap(pid_t orphan) {
    if (::waitpid(orphan, nullptr, WNOHANG) != orphan) return false;
    runner_.shells.forget_orphan(orphan);
    return true;
}

bool ShellFamilies::belongs(const ShellIdentity& shell, pid_t orphan, const std::set<pid_t>& known) {
    const rlim_t family = runner_.limits.families() ? process_mark(orphan).family : RLIM_INFINITY;
    if (family == shell.family || known.contains(orphan)) return true;
    // The number of another shell, or of one that is gone.
    if (runner_.shells.has_family(family)) return false;
    if (::getsid(orphan) == shell.pid) return true;
    const unsigned long slack = process_slack(orphan);
    if (slack == shell.slack) return true;
    if (slack != 0 && runner_.shells.another_has_slack(shell, slack)) return false;
    return is_ours(orphan) && runner_.shells.is_last_suspect(shell, orphan);
}

ShellFamilies::Members ShellFamilies::members(const ShellIdentity& shell, bool with_shell,
                                              const std::set<pid_t>& known) {
    Members result;
    if (with_shell) {
        result.processes.push_back(shell.pid);
        processes_.append_descendants(shell.pid, result.processes);
    }
    result.below_shell = result.processes.size();
    append_orphans(shell, known, result.processes);
    if (!shell.owner_mark.empty()) append_marked(shell, result.processes);
    return result;
}

void ShellFamilies::append_orphans(const ShellIdentity& shell, const std::set<pid_t>& known,
                                   std::vector<pid_t>& result) {
    for (pid_t orphan : orphans()) {
        if (!belongs(shell, orphan, known) || reap(orphan)) continue;
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
    for (pid_t orphan : orphans()) {
        if (is_ours(orphan)) reap(orphan);
    }
}

bool ShellFamilies::reap_if_orphan(pid_t child) {
    return child != runner_.guardian.pid() && !runner_.inherited.contains(child) &&
           !runner_.shells.has_process(child) && is_ours(child) && reap(child);
}

void ShellFamilies::kill_leftovers() {
    for (int round = 0; round < 1000; ++round) {
        bool left = false;
        for (pid_t child : processes_.adopted_children()) {
            const bool spared = child == runner_.guardian.pid() || runner_.inherited.contains(child);
            if (spared || runner_.shells.has_process(child) || !is_ours(child)) continue;
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

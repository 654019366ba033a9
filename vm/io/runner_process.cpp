// The register of shells.
#include "vm/io/runner_process.h"

#include <unistd.h>

namespace relux::io {

ShellIdentity ShellRegister::next_identity(std::string owner_mark, bool early) {
    const std::uint32_t number = last_number_.fetch_add(1, std::memory_order_relaxed) + 1;
    const pid_t runner = ::getpid();
    return {0,    number, family_number(runner, number), shell_slack(runner, number), std::move(owner_mark),
            early};
}

void ShellRegister::add(const ShellIdentity& shell) {
    const std::lock_guard lock(mutex_);
    by_process_.insert_or_assign(shell.pid, &shell);
    by_family_.insert_or_assign(shell.family, &shell);
    used_ += shell.early ? 0 : 1;
}

void ShellRegister::remove(const ShellIdentity& shell) {
    const std::lock_guard lock(mutex_);
    // Its number may have been given to a shell that was started since it was reaped.
    if (const auto at = by_process_.find(shell.pid); at != by_process_.end() && at->second == &shell)
        by_process_.erase(at);
    by_family_.erase(shell.family);
    used_ -= shell.early ? 0 : 1;
}

bool ShellRegister::has_process(pid_t pid) const {
    const std::lock_guard lock(mutex_);
    return by_process_.contains(pid);
}

void ShellRegister::erase_shells(std::vector<pid_t>& processes) const {
    const std::lock_guard lock(mutex_);
    std::erase_if(processes, [this](pid_t pid) { return by_process_.contains(pid); });
}

bool ShellRegister::has_family(rlim_t family) const {
    const std::lock_guard lock(mutex_);
    return by_family_.contains(family);
}

bool ShellRegister::another_has_slack(const ShellIdentity& shell, unsigned long slack) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(by_process_.begin(), by_process_.end(), [&](const auto& entry) {
        return entry.second != &shell && entry.second->slack == slack;
    });
}

bool ShellRegister::is_last_suspect(const ShellIdentity& shell, pid_t orphan) {
    const std::lock_guard lock(mutex_);
    const auto [known, first] =
        newest_suspect_.try_emplace(orphan, last_number_.load(std::memory_order_relaxed));
    if (shell.number > known->second) return false;
    return std::none_of(by_process_.begin(), by_process_.end(), [&](const auto& entry) {
        const ShellIdentity& other = *entry.second;
        return &other != &shell && !other.early && other.number <= known->second;
    });
}

void ShellRegister::forget_orphan(pid_t orphan) {
    const std::lock_guard lock(mutex_);
    newest_suspect_.erase(orphan);
}

std::size_t ShellRegister::used() const {
    const std::lock_guard lock(mutex_);
    return used_;
}

void ShellRegister::set_used(ShellIdentity& shell) {
    const std::lock_guard lock(mutex_);
    used_ += shell.early ? 1 : 0;
    shell.early = false;
}

std::vector<pid_t> ShellRegister::processes_besides(const ShellIdentity& shell) const {
    const std::lock_guard lock(mutex_);
    std::vector<pid_t> processes;
    for (const auto& [pid, other] : by_process_) {
        if (pid != shell.pid) processes.push_back(pid);
    }
    return processes;
}

}  // namespace relux::io

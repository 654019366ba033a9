// The register of shells.
#include "vm/io/runner_process.h"

#include <algorithm>
#include <unistd.h>

namespace relux::io {

rlim_t ShellRegister::next_family() {
    return family_number(::getpid(), next_number_.fetch_add(1, std::memory_order_relaxed));
}

void ShellRegister::add(const ShellIdentity& shell) {
    const std::lock_guard lock(mutex_);
    shells_.push_back(&shell);
}

void ShellRegister::remove(const ShellIdentity& shell) {
    const std::lock_guard lock(mutex_);
    std::erase(shells_, &shell);
}

bool ShellRegister::has_process(pid_t pid) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(shells_.begin(), shells_.end(),
                       [&](const ShellIdentity* shell) { return shell->pid == pid; });
}

bool ShellRegister::has_family(rlim_t family) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(shells_.begin(), shells_.end(),
                       [&](const ShellIdentity* shell) { return shell->family == family; });
}

std::size_t ShellRegister::used() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(shells_.begin(), shells_.end(),
                                                  [](const ShellIdentity* shell) { return !shell->early; }));
}

void ShellRegister::set_used(ShellIdentity& shell) {
    const std::lock_guard lock(mutex_);
    shell.early = false;
}

std::vector<pid_t> ShellRegister::processes_besides(const ShellIdentity& shell) const {
    const std::lock_guard lock(mutex_);
    std::vector<pid_t> processes;
    for (const ShellIdentity* other : shells_) {
        if (other->pid != shell.pid) processes.push_back(other->pid);
    }
    return processes;
}

}  // namespace relux::io

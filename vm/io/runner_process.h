// What all loops of the runner share, whatever thread they are on: its guardian, its limits, and which of the
// processes below it are shells. Everything here may be used by any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <unordered_map>
#include <vector>

#include "vm/io/guardian.h"
#include "vm/io/shell_process.h"

namespace relux::io {

struct ShellIdentity {
    pid_t pid = 0;
    rlim_t family = 0;
    std::string owner_mark;  ///< NAME=value, or empty
    bool early = false;      ///< nobody uses it yet, so it has started nothing
};

class ShellRegister {
  public:
    /// A number that no other shell has, nor one of a runner inside a shell.
    rlim_t next_family();
    /// `shell` must stay where it is until it is removed. Its pid is waited for by its owner only.
    void add(const ShellIdentity& shell);
    void remove(const ShellIdentity& shell);

    bool has_process(pid_t pid) const;
    /// Takes the processes of shells out of `processes`.
    void erase_shells(std::vector<pid_t>& processes) const;
    bool has_family(rlim_t family) const;
    /// How many are used.
    std::size_t used() const;
    /// `shell`, which is registered, is not early any more.
    void set_used(ShellIdentity& shell);
    /// The processes of all shells but `shell`.
    std::vector<pid_t> processes_besides(const ShellIdentity& shell) const;

  private:
    std::atomic<std::uint32_t> next_number_ = 1;
    mutable std::mutex mutex_;
    // Guarded by mutex_. There may be thousands, and each that ends asks about all.
    std::unordered_map<pid_t, const ShellIdentity*> by_process_;
    std::unordered_map<rlim_t, const ShellIdentity*> by_family_;
    std::size_t used_ = 0;
};

struct RunnerProcess {
    Guardian guardian;
    ResourceLimits limits;
    ShellRegister shells;
};

}  // namespace relux::io

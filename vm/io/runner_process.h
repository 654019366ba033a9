// The runner's process is shared by all its loops, whatever thread they are on: its guardian, its limits, and
// which of the processes below it are shells. Everything here may be used by any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <sys/types.h>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vm/io/guardian.h"
#include "vm/io/shell_process.h"

namespace relux::io {

struct ShellIdentity {
    pid_t pid = 0;
    std::uint32_t number = 0;  ///< of the shells of this runner, from 1
    rlim_t family = 0;
    unsigned long slack = 0;  ///< shell_slack()
    std::string owner_mark;   ///< NAME=value, or empty
    bool early = false;       ///< nobody uses it yet, so it has started nothing
};

class ShellRegister {
  public:
    /// With a number that no other shell has, and a family that none has of a runner inside a shell. Without
    /// a process.
    ShellIdentity next_identity(std::string owner_mark, bool early);
    /// To be held shared from before a process is started until it is registered, and alone by who asks which
    /// children of the runner are none.
    std::shared_mutex& starts() { return starts_; }
    /// `shell` must stay where it is until it is removed. Its pid is waited for by its owner only.
    void add(const ShellIdentity& shell);
    void remove(const ShellIdentity& shell);

    bool has_process(pid_t pid) const;
    /// Takes the processes of shells out of `processes`.
    void erase_shells(std::vector<pid_t>& processes) const;
    bool has_family(rlim_t family) const;
    /// A shell besides `shell` has this slack.
    bool another_has_slack(const ShellIdentity& shell, unsigned long slack) const;
    /// For an orphan that tells nothing of where it comes from: it comes from a shell that was used when it
    /// was first asked about. True when `shell` is the last one of those.
    bool is_last_suspect(const ShellIdentity& shell, pid_t orphan);
    /// The orphan has been reaped.
    void forget_orphan(pid_t orphan);
    /// How many are used.
    std::size_t used() const;
    /// `shell`, which is registered, is not early any more.
    void set_used(ShellIdentity& shell);
    /// The processes of all shells but `shell`.
    std::vector<pid_t> processes_besides(const ShellIdentity& shell) const;

  private:
    std::atomic<std::uint32_t> last_number_ = 0;
    mutable std::mutex mutex_;
    // Guarded by mutex_. There may be thousands, and each that ends asks about all.
    std::unordered_map<pid_t, const ShellIdentity*> by_process_;
    std::unordered_map<rlim_t, const ShellIdentity*> by_family_;
    std::size_t used_ = 0;
    std::unordered_map<pid_t, std::uint32_t> newest_suspect_;  // of orphans, the number of a shell
    std::shared_mutex starts_;
};

/// Children that the runner had before it started any, such as jobs of a script that has become the runner by
/// `exec`. They are nobody's business, nor is what they leave behind.
class InheritedChildren {
  public:
    void set(std::vector<pid_t> children) { children_ = std::move(children); }
    bool contains(pid_t pid) const {
        return std::find(children_.begin(), children_.end(), pid) != children_.end();
    }
    /// Every other orphan comes from a shell: not so for the first process of a container, which gets the
    /// orphans of all, nor with inherited children.
    bool orphans_are_ours() const { return children_.empty() && ::getpid() != 1; }

  private:
    std::vector<pid_t> children_;
};

struct RunnerProcess {
    Guardian guardian;
    ResourceLimits limits;
    ShellRegister shells;
    InheritedChildren inherited;  ///< set before there are threads
};

}  // namespace relux::io

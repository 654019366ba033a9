// Which processes belong to which shell. A shell's family is the shell, what descends from it, and the
// orphans that it left behind, with all below them, however far they have moved. The runner adopts them, and
// what it adopts can only come from a shell: that alone decides that an orphan goes (but see
// InheritedChildren). From which shell is told by, in this order, its family number, its session, its timer
// slack; an orphan that tells nothing goes with the last one of the shells that were there when it was first
// seen. Besides there are processes with the owner mark that are not below the runner at all.
//
// Guarantees: a process that the runner had before, or that anybody else started, is in no family unless it
// carries an owner mark; a process below another live shell is in that shell's family only.
#pragma once

#include <algorithm>
#include <set>
#include <sys/types.h>
#include <vector>

#include "vm/base/duration.h"
#include "vm/io/process_tree.h"
#include "vm/io/runner_process.h"

namespace relux::io {

class ShellFamilies {
  public:
    /// For the shells of one loop. Both outlive this.
    ShellFamilies(ProcessTree& processes, RunnerProcess& runner);
    ShellFamilies(const ShellFamilies&) = delete;
    ShellFamilies& operator=(const ShellFamilies&) = delete;

    struct Members {
        std::vector<pid_t> processes;
        std::size_t below_shell = 0;  ///< so many of them first, itself too; the others are on their own
    };
    /// The members that run, the shell itself first if `with_shell`. Orphans of the family that are zombies
    /// are reaped. `known` are members seen before.
    Members members(const ShellIdentity& shell, bool with_shell, const std::set<pid_t>& known);
    /// Reaps the adopted orphans of all families.
    void reap_orphans();
    /// Reaps a child that has ended, if it is an orphan of some family or a shell that was forgotten.
    bool reap_if_orphan(pid_t child);
    /// Kills and reaps every orphan that any shell left behind, and shells that were forgotten. Waits for
    /// them, but not longer than a second. For the last loop that there is.
    void kill_leftovers();
    /// Families whose end has begun and is not over: looking for what is left of each may take a tenth of the
    /// time, but no look waits for longer than a second for that.
    void ending_begun() { ++endings_; }
    void ending_over() { --endings_; }
    void note_sweep(Duration took) { sweep_ = (3 * sweep_ + std::min(took, kLongestSweep)) / 4; }
    Duration least_delay() const { return std::min(endings_ * sweep_ * 10, kLongestDelay); }

  private:
    bool is_below_other_shell(const ShellIdentity& shell, pid_t pid) const;
    bool carries_a_family(pid_t pid) const;
    /// Children of the runner that were adopted: no shells, not the guardian, and none that it had before.
    std::vector<pid_t> orphans();
    void erase_others(std::vector<pid_t>& children) const;
    /// It comes from some shell.
    bool is_ours(pid_t orphan) const;
    bool reap(pid_t orphan);
    bool belongs(const ShellIdentity& shell, pid_t orphan, const std::set<pid_t>& known);
    void append_orphans(const ShellIdentity& shell, const std::set<pid_t>& known, std::vector<pid_t>& result);
    void append_marked(const ShellIdentity& shell, std::vector<pid_t>& result);

    static constexpr Duration kLongestSweep = std::chrono::milliseconds(5);
    static constexpr Duration kLongestDelay = std::chrono::seconds(1);

    ProcessTree& processes_;
    RunnerProcess& runner_;
    int endings_ = 0;
    Duration sweep_{0};  ///< what one takes
};

}  // namespace relux::io

// Which processes belong to which shell. A shell's family is the shell, what descends from it, what it left
// behind in its session, and every orphan with its family number or its owner mark, however far that has
// moved.
//
// Guarantees: a process that the runner had before, or that anybody else started, is in no family unless it
// carries an owner mark; a process below another live shell is in that shell's family only.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <sys/types.h>
#include <vector>

#include "vm/io/process_tree.h"
#include "vm/io/shell_process.h"

namespace relux::io {

struct ShellIdentity {
    pid_t pid = 0;
    rlim_t family = 0;
    std::string owner_mark;  ///< NAME=value, or empty
};

class ShellFamilies {
  public:
    ShellFamilies(ProcessTree& processes, const ResourceLimits& limits);
    ShellFamilies(const ShellFamilies&) = delete;
    ShellFamilies& operator=(const ShellFamilies&) = delete;

    /// A number that no other shell has, nor one of a runner inside a shell.
    rlim_t next_family();
    /// `shell` must stay where it is until it is removed. Its pid is waited for by its owner only.
    void add(const ShellIdentity& shell);
    void remove(const ShellIdentity& shell);

    /// The members that run, the shell itself first if `with_shell`. Orphans of the family that are zombies
    /// are reaped. `known` are members seen before.
    std::vector<pid_t> members(const ShellIdentity& shell, bool with_shell, const std::set<pid_t>& known);
    /// Reaps the adopted orphans of all families.
    void reap_orphans();
    /// Kills and reaps every orphan that any shell left behind, and shells that were forgotten. Waits for
    /// them, but not longer than a second.
    void kill_leftovers();

  private:
    bool is_shell(pid_t pid) const;
    bool is_below_other_shell(const ShellIdentity& shell, pid_t pid) const;
    bool carries_a_family(pid_t pid) const;
    bool belongs(const ShellIdentity& shell, pid_t orphan, const std::set<pid_t>& known);
    void append_orphans(const ShellIdentity& shell, const std::set<pid_t>& known, std::vector<pid_t>& result);
    void append_marked(const ShellIdentity& shell, std::vector<pid_t>& result);

    ProcessTree& processes_;
    const ResourceLimits& limits_;
    std::vector<const ShellIdentity*> shells_;
    std::uint32_t next_number_ = 1;
};

}  // namespace relux::io

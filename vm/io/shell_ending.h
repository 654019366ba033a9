// Ends a shell's family: hang-up, terminate and continue at once for whoever is seen for the first time, kill
// for what is left once told to, again and again until nobody is left. Keeps no time: its owner decides when
// to sweep.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <sys/types.h>
#include <vector>

#include "vm/io/shell_families.h"
#include "vm/io/shell_io.h"

namespace relux::io {

/// HangUp signals whoever has not been signalled; HangUpAgain repeats the hang-up for all: bash 5.2 loses one
/// that arrives between its look at pending signals and its wait for input, and then waits for ever; the
/// second one it obeys.
enum class Pressure : std::uint8_t { HangUp, HangUpAgain, Kill };

class ShellEnding {
  public:
    /// Both must outlive this object.
    ShellEnding(ShellFamilies& families, const ShellIdentity& shell);

    /// Signals the members. `shell_alive`: the shell's process has not been reaped.
    /// True when no member is left. Processes that the runner may not signal (setuid) don't count.
    bool sweep(bool shell_alive, Pressure pressure);
    /// The last sweep saw the shell and nobody else.
    bool only_the_shell() const { return only_the_shell_; }
    const std::vector<LeftProcess>& killed() const { return killed_; }
    /// Processes that were on their own, in another session, when they were seen first.
    const std::vector<LeftProcess>& daemons() const { return daemons_; }

  private:
    void hang_up(const std::vector<pid_t>& processes, bool again);
    void terminate(pid_t pid);
    void signal(pid_t pid, int number);
    void kill(pid_t pid);
    LeftProcess describe(pid_t pid) const;

    ShellFamilies& families_;
    const ShellIdentity& shell_;
    std::set<pid_t> hung_up_;
    std::map<pid_t, ProcessProgram> terminated_;  // the program that had the SIGTERM
    std::set<pid_t> shot_;
    std::set<pid_t> untouchable_;
    bool only_the_shell_ = false;
    std::vector<LeftProcess> killed_;
    std::vector<LeftProcess> daemons_;
};

}  // namespace relux::io

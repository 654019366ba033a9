// Which processes there are and whose they are, from /proc. The runner is the reaper of its descendants
// (PR_SET_CHILD_SUBREAPER): an orphan becomes its child, so every process that a shell ever started stays
// below the runner, and two small files list them, without a walk over all of /proc. Those files
// are read here because libproc2 does not know them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <unordered_map>
#include <vector>

#include "vm/base/duration.h"
#include "vm/base/fd.h"

namespace relux::io {

class ProcessTree {
  public:
    /// Makes the runner the reaper of its descendants. On the thread that will start the shells.
    ProcessTree();

    /// False: no child of the runner, on whatever thread, has ended and waits to be reaped. One look.
    static bool has_zombies();
    /// Children of the runner that may be adopted orphans, zombies too: all of them, or those of the main
    /// thread, which adopts, where shells are started by another one. Among them are shells, and what is none
    /// of our business.
    std::vector<pid_t> adopted_children() const;
    void append_children(pid_t parent, std::vector<pid_t>& result) const;
    /// All below `root`, parents before their children, without `root`.
    void append_descendants(pid_t root, std::vector<pid_t>& result) const;
    /// Processes anywhere whose environment has this NAME=value entry. Looks into each process once and
    /// remembers what it found. Asking again soon costs a look at the processes that have been started since,
    /// asking later one listing of /proc. Processes that `is_known` need not be found.
    std::vector<pid_t> with_environment(std::string_view entry, const std::function<bool(pid_t)>& is_known);

  private:
    struct Examined {
        std::uint64_t inode = 0;  // of /proc/<pid>: another one means another process
        std::string value;        // of the variable, empty when it has none
    };
    std::vector<pid_t> examined_with(std::string_view value);
    bool examine_new_ones(pid_t newest, const std::function<bool(pid_t)>& is_known);
    /// Those with numbers after that one.
    void examine_all(pid_t after);
    /// Whether the numbers of new processes can have started again from below within that time.
    bool may_have_wrapped(std::chrono::steady_clock::duration within);
    std::optional<pid_t> newest_process() const;
    /// A file that is read again and again, and held open where descriptors are not scarce.
    struct KeptFile {
        char path[64];
        Fd file;
    };
    static bool read_kept(const KeptFile& kept, std::string& content);
    void append_children_of_thread(pid_t process, pid_t thread, std::vector<pid_t>& result) const;
    void append_children_by_walk(pid_t parent, std::vector<pid_t>& result) const;

    pid_t own_process_;
    bool has_children_files_;
    KeptFile children_of_main_thread_{};
    KeptFile load_{};
    bool knows_newest_ = false;  // /proc/loadavg tells the number that a process was given last
    std::string examined_name_;  // with its `=`
    std::unordered_map<pid_t, Examined> examined_;
    std::optional<pid_t> examined_up_to_;  // the newest process when that was complete
    std::chrono::steady_clock::time_point examined_at_{};
    std::optional<pid_t> newest_at_start_;  // no shell has started any that is as old
    std::chrono::steady_clock::time_point made_at_ = std::chrono::steady_clock::now();
    pid_t numbers_ = 0;  // how many there are; 0: not asked yet
};

struct ProcessBirth {
    pid_t parent = 0;           ///< at present; 0: there is no such process
    std::uint64_t started = 0;  ///< in ticks since the machine was started
};
ProcessBirth process_birth(pid_t pid);
/// Tells one program that a process executes from the next one that it executes in its place. Both are 0
/// where the kernel does not say.
struct ProcessProgram {
    std::uint64_t code = 0;   ///< where the program's code begins
    std::uint64_t stack = 0;  ///< where its stack begins, which is another place at each execution
    bool operator==(const ProcessProgram&) const = default;
};
ProcessProgram process_program(pid_t pid);
/// Arguments joined by spaces; the name in brackets for a process without any, empty for one that is gone.
std::string command_line(pid_t pid);
/// How long ago it was started, at least: up to a hundredth of a second more.
Duration process_age(pid_t pid);
/// As /proc/PID/stat has it: `R`, `S`, `D`, `T`, `Z`; `X`: there is no such process.
char process_state(pid_t pid);
/// True when there is such a process and it is not a zombie.
bool process_runs(pid_t pid);

}  // namespace relux::io

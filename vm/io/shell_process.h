// Starting a shell's process on its terminal, and the resource limits that the runner and its shells differ
// in.
#pragma once

#include <cstdint>
#include <string>
#include <sys/resource.h>
#include <sys/types.h>

#include "vm/base/result.h"
#include "vm/io/shell_io.h"

namespace relux::io {

/// Three things of a shell differ from the runner's. They are set in the child alone, so that threads may
/// start shells and open descriptors at the same time:
/// - RLIMIT_NOFILE: the runner takes the hard limit, its shells get the soft limit that the runner was
/// started
///   with (programs that use select() or close every possible descriptor depend on it);
/// - RLIMIT_LOCKS, which no kernel since 2.4.25 looks at: its soft value is the shell's family number. It
///   survives fork, exec, setsid and an emptied environment, and reading it back is one system call, so it
///   tells whose an orphan is, and which statement it comes from;
/// - the slack of its timers, some 20 to 50 µs instead of 50: what logs a user in (PAM in su, sudo, runuser)
///   sets all limits anew, and leaves this. Only a privileged runner can read it.
class ResourceLimits {
  public:
    /// Raises the limit on descriptors.
    ResourceLimits();
    /// False where RLIMIT_LOCKS can't hold a family number.
    bool families() const { return families_; }
    /// The value that marks no family: what the runner itself was started with.
    rlim_t no_family() const { return original_locks_.rlim_cur; }

    struct OfChild {
        rlimit files{};
        rlimit locks{};
        unsigned long slack = 0;
    };
    OfChild of_child(rlim_t family, unsigned long slack) const;

  private:
    rlimit original_files_{};
    rlimit original_locks_{};
    bool families_ = false;
};

/// The number of a statement of a shell, in the lower bits of a family number. 0: none.
constexpr int kStatementBits = 20;
constexpr std::uint32_t kMostStatements = (1U << kStatementBits) - 1;
/// A shell's number in the family numbers of one runner. Top bits 01: no limit that a person would set, and
/// below RLIM_INFINITY; then the runner's process id, so that nested runners don't meet; then the shell's
/// number, which starts again after a million shells; then no statement.
constexpr int kShellBits = 20;
constexpr rlim_t family_number(pid_t runner, std::uint32_t shell) {
    const rlim_t number = static_cast<rlim_t>(runner) << kShellBits | (shell & ((1U << kShellBits) - 1));
    return rlim_t{1} << 62 | number << kStatementBits;
}
constexpr bool is_family_of(rlim_t family, pid_t runner) {
    return family >> (kShellBits + kStatementBits) ==
           family_number(runner, 0) >> (kShellBits + kStatementBits);
}
/// Whether a limit was set by any runner.
constexpr bool is_family(rlim_t limit) {
    return limit >> 62 == 1;
}
/// A process carries this in its limit.
struct ProcessMark {
    rlim_t family = RLIM_INFINITY;  ///< without a statement; as it is where no runner has set it
    std::uint32_t statement = 0;
};
/// RLIM_INFINITY when the process is gone or not ours to ask.
ProcessMark process_mark(pid_t pid);
/// Marks `pid`, so that all it starts from now on comes from this statement of this family. Does nothing
/// where that is not allowed.
void mark_process(pid_t pid, rlim_t family, std::uint32_t statement);
/// The timer slack by which shell `number` of a runner is known. One in some ten thousands has the same.
constexpr unsigned long shell_slack(pid_t runner, std::uint32_t number) {
    constexpr std::uint32_t kFewest = 20'000;
    constexpr std::uint32_t kMost = 50'000;  // the default of the system, which is no shell's
    return kFewest + (static_cast<std::uint32_t>(runner) * 7919U + number) % (kMost - kFewest);
}
/// 0: the process is gone, or the system does not tell.
unsigned long process_slack(pid_t pid);

/// Runs options.command as leader of a session with `terminal` as its controlling terminal and descriptors 0
/// to 2, no other descriptor open, all signals at their default and unblocked, the environment exactly as
/// given. Does not copy the address space. Errors name the command and say why it can't be run. May be called
/// by any thread.
Result<pid_t> spawn_on_terminal(const ProcessOptions& options, const ResourceLimits::OfChild& limits,
                                const std::string& terminal);
/// The same without a terminal: leader of a session with descriptor 0 on /dev/null, 1 and 2 on the given
/// ones, which are above 2.
Result<pid_t> spawn_on_pipes(const ProcessOptions& options, const ResourceLimits::OfChild& limits, int output,
                             int errors);

}  // namespace relux::io

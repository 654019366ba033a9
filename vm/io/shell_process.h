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

/// Two limits of a shell differ from the runner's. They are set in the child alone, so that threads may start
/// shells and open descriptors at the same time:
/// - RLIMIT_NOFILE: the runner takes the hard limit, its shells get the soft limit that the runner was
/// started
///   with (programs that use select() or close every possible descriptor depend on it);
/// - RLIMIT_LOCKS, which no kernel since 2.4.25 looks at: its soft value is the shell's family number. It
///   survives fork, exec, setsid and an emptied environment, and reading it back is one system call, so it
///   tells whose an orphan is.
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
    };
    OfChild of_child(rlim_t family) const;

  private:
    rlimit original_files_{};
    rlimit original_locks_{};
    bool families_ = false;
};

/// A shell's number in the family numbers of one runner. Top bits 01: no limit that a person would set, and
/// below RLIM_INFINITY; then the runner's process id, so that nested runners don't meet.
constexpr rlim_t family_number(pid_t runner, std::uint32_t shell) {
    return rlim_t{1} << 62 | static_cast<rlim_t>(runner) << 32 | shell;
}
constexpr bool is_family_of(rlim_t family, pid_t runner) {
    return family >> 32 == family_number(runner, 0) >> 32;
}
/// The family number of a process; RLIM_INFINITY when it is gone or not ours to ask.
rlim_t process_family(pid_t pid);

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

// Shells and processes on the libuv loop have this in common: a process that the loop tells about each
// SIGCHLD, whose exit status is collected here, and the end of its family.
#pragma once

#include <functional>
#include <optional>
#include <sys/types.h>

#include "vm/io/destruction.h"
#include "vm/io/runner_process.h"
#include "vm/io/shell_io.h"
#include "vm/io/timed_ending.h"

namespace relux::io {

class UvLoop;

class UvChild {
  public:
    UvChild(const UvChild&) = delete;
    UvChild& operator=(const UvChild&) = delete;
    virtual ~UvChild() = default;

    pid_t process() const { return identity_.pid; }
    /// Its process is gone, and it waits for the ends of others.
    bool waits_for_others() const { return ending_.waits_for_others(); }
    /// Reaps the process if it has ended. Tells nobody.
    std::optional<ExitStatus> collect_exit();
    /// Called on the loop after SIGCHLD, with the result of collect_exit(), if there is one or if it waits
    /// for others. May destroy the object.
    virtual void children_changed(std::optional<ExitStatus> status) = 0;

  protected:
    /// The process runs already. `loop` outlives this object; for `nobody_left` see TimedEnding.
    UvChild(UvLoop& loop, ShellIdentity identity, std::function<void()> nobody_left);
    /// The last that the owner's destructor does before it closes what the process reads and writes: kills
    /// the family if it has not ended, and leaves the loop.
    void leave();

    UvLoop& loop_;
    ShellIdentity identity_;
    TimedEnding ending_;
    bool exited_ = false;
    bool ended_ = false;
    Destruction destruction_;  ///< whoever calls the listener watches it
};

}  // namespace relux::io

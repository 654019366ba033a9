// What the loop tells about each SIGCHLD: shells and processes collect their own exit status.
#pragma once

#include <optional>
#include <sys/types.h>

#include "vm/io/shell_io.h"

namespace relux::io {

class UvChild {
  public:
    virtual ~UvChild() = default;
    virtual pid_t process() const = 0;
    /// Its process is gone, and it waits for the ends of others.
    virtual bool waits_for_others() const = 0;
    /// Reaps the process if it has ended. Tells nobody.
    virtual std::optional<ExitStatus> collect_exit() = 0;
    /// Called on the loop after SIGCHLD, with the result of collect_exit(), if there is one or if it waits
    /// for others. May destroy the object.
    virtual void children_changed(std::optional<ExitStatus> status) = 0;
};

/// The status of a child that has ended, which is a zombie no more; nothing while it runs.
std::optional<ExitStatus> reap(pid_t pid);

}  // namespace relux::io

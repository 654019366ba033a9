// What remains when the runner itself is killed: a small process that waits for the runner's end and, if that
// came without a farewell, kills every process that carries a family number of the runner (shell_families.h),
// however far it has moved. It holds no terminal, no output and no descriptor of the runner but one end of a
// pipe.
#pragma once

#include <sys/types.h>

#include "vm/base/fd.h"
#include "vm/base/result.h"

namespace relux::io {

class Guardian {
  public:
    Guardian() = default;
    Guardian(const Guardian&) = delete;
    Guardian& operator=(const Guardian&) = delete;
    /// Says farewell and waits until the guardian is gone.
    ~Guardian();

    /// Forks it. Call before the process has other threads: the child goes on without exec.
    Status start();
    /// After start().
    pid_t pid() const { return pid_; }

  private:
    Fd farewell_;
    pid_t pid_ = -1;
};

}  // namespace relux::io

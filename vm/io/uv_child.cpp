// waitpid for one child.
#include "vm/io/uv_child.h"

#include <sys/wait.h>

namespace relux::io {

std::optional<ExitStatus> reap(pid_t pid) {
    int status = 0;
    const pid_t reaped = ::waitpid(pid, &status, WNOHANG);
    if (reaped == 0) return std::nullopt;
    // Somebody else waited for our child: its status is lost.
    if (reaped < 0) return ExitStatus{false, 255};
    if (WIFSIGNALED(status)) return ExitStatus{true, WTERMSIG(status)};
    return ExitStatus{false, WEXITSTATUS(status)};
}

}  // namespace relux::io

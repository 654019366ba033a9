// Collecting the exit status of one child, and its places in the loop and among the runner's processes.
#include "vm/io/uv_child.h"

#include <sys/wait.h>
#include <utility>

#include "vm/io/uv_loop.h"

namespace relux::io {

namespace {

/// The status of a child that has ended, which is a zombie no more; nothing while it runs.
std::optional<ExitStatus> reap(pid_t pid) {
    int status = 0;
    const pid_t reaped = ::waitpid(pid, &status, WNOHANG);
    if (reaped == 0) return std::nullopt;
    // Somebody else waited for our child: its status is lost.
    if (reaped < 0) return ExitStatus{false, 255};
    if (WIFSIGNALED(status)) return ExitStatus{true, WTERMSIG(status)};
    return ExitStatus{false, WEXITSTATUS(status)};
}

}  // namespace

UvChild::UvChild(UvLoop& loop, ShellIdentity identity, std::function<void()> nobody_left)
    : loop_(loop),
      identity_(std::move(identity)),
      ending_(loop, loop.families(), identity_, std::move(nobody_left)) {
    loop_.runner().shells.add(identity_);
    loop_.add_child(*this);
}

void UvChild::leave() {
    if (!ended_) ending_.kill_now();
    loop_.runner().shells.remove(identity_);
    loop_.remove_child(*this);
}

std::optional<ExitStatus> UvChild::collect_exit() {
    if (exited_) return std::nullopt;
    const auto status = reap(identity_.pid);
    if (!status) return std::nullopt;
    exited_ = true;
    ending_.leader_exited();
    return status;
}

}  // namespace relux::io

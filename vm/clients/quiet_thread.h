// Threads beside the loop's, and the one signal that writing to a closed socket raises.
//
// Guarantees: no signal is ever handled on such a thread, so that handlers and system calls of the loop's
// thread see them as if there were only one.
#pragma once

#include <functional>
#include <signal.h>
#include <thread>

#include "vm/base/result.h"

namespace relux::clients {

/// A thread with all signals blocked. It must not touch what belongs to the loop's thread, but may post() to
/// a loop that it knows to be there. Error: the system gives no thread.
Result<std::thread> start_quiet_thread(std::function<void()> work);

/// While it lives, writing to a connection that the other side has closed raises no SIGPIPE on this thread,
/// whatever handler there is. For libraries that don't ask the kernel for that themselves.
class NoPipeSignal {
  public:
    NoPipeSignal();
    NoPipeSignal(const NoPipeSignal&) = delete;
    NoPipeSignal& operator=(const NoPipeSignal&) = delete;
    ~NoPipeSignal();

  private:
    sigset_t before_;
    bool was_pending_ = false;
};

}  // namespace relux::clients

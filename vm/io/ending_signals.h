// The signals whose default action ends a process though it has not crashed. Private to vm/io.
// Guarantees: while they are watched none of them ends the runner; each is told on the loop's thread. A
// signal that whoever started the runner has ignored stays ignored, and one that has a handler keeps it.
#pragma once

#include <functional>
#include <signal.h>

#include <uv.h>

#include "vm/base/fd.h"

namespace relux::io {

class EndingSignals {
  public:
    /// `told` hears of each but SIGXFSZ, which has a handler, for the kernel sends it to the thread that
    /// writes. SIGINT and SIGTERM are told also if they were ignored. Once, before there are other threads,
    /// which have them blocked too. They stay blocked when the loop has gone, and wait there for whoever
    /// still asks: what is left to do then is to exit with the status of the run. Where the system refuses,
    /// they keep their default.
    void watch(uv_loop_t* uv, std::function<void(int)> told);
    /// Somebody else wants this one.
    void leave_out(int signal);

  private:
    void read();

    sigset_t signals_{};
    Fd descriptor_;  // a signalfd, open longer than ready_
    uv_poll_t ready_{};
    std::function<void(int)> told_;
};

}  // namespace relux::io

// Tells what a process has done about signals, and keeps them from a thread.
#pragma once

#include <signal.h>

namespace relux {

/// Whether the process ignores it, as whoever started it may have wanted (nohup).
bool is_ignored(int signal);

/// While it lives, no signal is handled on this thread. Threads and processes that are started meanwhile
/// begin with all of them blocked.
class BlockedSignals {
  public:
    /// `but`: the one that is let through; 0: none is.
    explicit BlockedSignals(int but = 0);
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals();

  private:
    sigset_t before_;
};

}  // namespace relux

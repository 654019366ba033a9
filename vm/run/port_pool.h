// Ports for available_port() (language 15.3): free on 127.0.0.1 when asked, never one that a running test
// holds, taken from the configured range, which lies outside the kernel's ephemeral range.
#pragma once

#include <mutex>
#include <set>
#include <vector>

#include "vm/base/result.h"

namespace relux::run {

/// May be used by any thread.
class PortPool {
  public:
    PortPool(int first, int last);
    /// Binds to see that the port is free, then lets go of the socket. Errors: the whole range is taken.
    Result<int> take();
    void give_back(const std::vector<int>& ports);

  private:
    const int first_;
    const int last_;
    std::mutex mutex_;
    int next_;  // guarded by mutex_, like held_
    std::set<int> held_;
};

}  // namespace relux::run

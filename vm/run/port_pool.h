// Ports for available_port() (language 15.3): free on 127.0.0.1 when asked, never one that a running test
// holds, of this run or another one on the machine, taken from the configured range, which lies outside the
// kernel's ephemeral range.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "vm/base/fd.h"
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
    int next_;                // guarded by mutex_, like held_
    std::map<int, Fd> held_;  // by port, with what keeps other runs from it
};

}  // namespace relux::run

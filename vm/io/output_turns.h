// The shells of one loop that print faster than they are read. They are looked at in turn between any two
// pieces of the loop's other work, together for as long as that work takes, and before the loop sleeps: so
// they get on however much else is ready, and the rest waits for them no longer than they for it.
#pragma once

#include <array>

#include <uv.h>

#include "vm/base/fd.h"
#include "vm/base/result.h"
#include "vm/io/loop.h"

namespace relux::io {

class UvLoop;

/// A terminal, looked at when it has output.
class OutputSource {
  public:
    virtual ~OutputSource() = default;
    /// Reads a bounded piece. May remove and destroy this object and others.
    virtual void look() = 0;
};

class OutputTurns {
  public:
    explicit OutputTurns(UvLoop& loop) : loop_(loop) {}
    OutputTurns(const OutputTurns&) = delete;
    OutputTurns& operator=(const OutputTurns&) = delete;

    /// From here on to remove(), `source` is looked at here while `terminal` has output, which nobody else
    /// need wait for. False: the system refuses.
    bool add(int terminal, OutputSource& source);
    void remove(int terminal, OutputSource& source);
    /// After each piece of other work.
    void serve();
    /// That has taken long: a look now is a whole one, whatever else is due.
    bool is_behind() const { return behind_; }

  private:
    bool start();
    /// False: none had any output.
    bool look_at_ready();

    UvLoop& loop_;
    Fd ready_;  // an epoll of the terminals, itself watched by the loop; made when it is needed
    uv_poll_t poll_{};
    int sources_ = 0;
    /// Looks at one request to the kernel, at 4 to 12 KiB each; null: removed since, or looked at.
    std::array<OutputSource*, 8> ready_sources_{};
    bool serving_ = false;
    bool behind_ = false;
    Time served_at_{0};
};

}  // namespace relux::io

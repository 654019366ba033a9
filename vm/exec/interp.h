// The interpreter: a plain function over a Fiber that returns when the chunk is done, has failed, or needs
// something that takes time. It knows no shell, no loop and no clock; vm/run awaits on its behalf.
#pragma once

#include <cstdint>

#include "vm/exec/exit.h"
#include "vm/exec/fiber.h"
#include "vm/exec/host.h"

namespace relux::exec {

class Interpreter {
  public:
    /// The work that one run may do between waits, about ten seconds' worth: one for each byte of text that
    /// is made or searched, more for each instruction and call of a built-in. More than that is a run-time
    /// failure, because no timer fires while the interpreter runs.
    static constexpr std::uint64_t kMaximumWork = std::uint64_t{1} << 34;

    explicit Interpreter(Host& host, std::uint64_t maximum_work = kMaximumWork)
        : host_(host), maximum_work_(maximum_work) {}

    /// Runs until `fiber` finishes, fails or must wait. The module must have passed the verifier.
    Exit run(Fiber& fiber);

  private:
    Host& host_;
    std::uint64_t maximum_work_;
};

}  // namespace relux::exec

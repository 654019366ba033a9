// The guardian remains when the runner itself is killed: a small process that waits for the runner's end and,
// if that came without a farewell, kills every process that carries a mark of one of the runner's shells (the
// family number, the timer slack, the run in its environment), and all that is below one, however far they
// have moved. It holds no terminal, no output and no descriptor of the runner but one end of a pipe. Neither
// its name nor its command line is the runner's, so that who kills all processes of that name leaves it.
#pragma once

#include <cstdint>
#include <string_view>
#include <sys/types.h>

#include "vm/base/fd.h"
#include "vm/base/result.h"

namespace relux::io {

/// As the system shows it, and what stands for its command line.
inline constexpr const char* kGuardianName = "shell-guard";

class Guardian {
  public:
    Guardian() = default;
    Guardian(const Guardian&) = delete;
    Guardian& operator=(const Guardian&) = delete;
    /// Says farewell and waits until the guardian is gone.
    ~Guardian();

    /// Forks it. Call before the process has other threads: the child goes on without exec.
    Status start();
    /// There are shells with numbers up to this one. A process with an entry in its environment that begins
    /// with `run_mark` belongs to the run; of several such marks the first one counts. Any thread.
    void shell_started(std::uint32_t number, std::string_view run_mark);
    /// After start().
    pid_t pid() const { return pid_; }

  private:
    Fd farewell_;
    pid_t pid_ = -1;
    struct Shared;
    Shared* shared_ = nullptr;  // memory that both see
};

}  // namespace relux::io

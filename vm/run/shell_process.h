// The process of a shell and its terminal, from when it is open to when nothing of it is left, and what it
// has left behind.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vm/io/loop.h"
#include "vm/run/attempt_context.h"

namespace relux::run {

/// A process that had to be killed at the end of a shell, or a daemon that was found then, and what it came
/// from.
struct ShellLeftover {
    std::string text;  ///< `1234 python3 server.py, started by the statement at relux/tests/a.relux:4`
};

class ShellProcess {
  public:
    /// `test` outlives this.
    explicit ShellProcess(AttemptContext& test) : test_(test) {}
    ShellProcess(const ShellProcess&) = delete;
    ShellProcess& operator=(const ShellProcess&) = delete;
    ~ShellProcess() { close(); }

    /// Counts as one of the shells of the test, and of the run, from here on.
    void opened(std::unique_ptr<io::ShellIo> io);
    /// Lets go of it. Idempotent.
    void close();
    bool is_open() const { return io_ != nullptr; }
    /// Only while it is open.
    io::ShellIo& io() const { return *io_; }
    /// There is output that has not been read yet.
    bool output_waits() const { return io_ != nullptr && io_->output_waits(); }

    void exited(io::ExitStatus status, io::Time now) {
        exit_status_ = status;
        exited_at_ = now;
    }
    const std::optional<io::ExitStatus>& exit_status() const { return exit_status_; }
    io::Time exited_at() const { return exited_at_; }

  private:
    AttemptContext& test_;
    std::unique_ptr<io::ShellIo> io_;
    std::optional<io::ExitStatus> exit_status_;
    io::Time exited_at_{0};
};

}  // namespace relux::run

// Shell commands without a terminal: `sh -c COMMAND` with input from /dev/null, output and errors captured
// apart, and nothing else inherited.
//
// Guarantees: a command that is timed out, cancelled or too talkative is ended with all its descendants, also
// those that made themselves daemons, before its call returns. What a command that ended by itself left in
// the background goes on for later commands, and ends with the runner.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vm/clients/call_guard.h"
#include "vm/io/process_io.h"
#include "vm/io/task.h"

namespace relux::clients {

struct ProcessRequest {
    std::string command;
    std::string directory;                 ///< empty: the runner's
    std::vector<std::string> environment;  ///< NAME=value, the whole of it
    /// NAME=value of the environment that also marks processes as belonging to the command; may be empty.
    std::string owner_mark;
    /// From the hang-up to the kill when it is timed out or cancelled. Zero: killed at once.
    Duration grace{0};
    /// Whether the call lasts until output and errors are closed, as `$(COMMAND)` does, or ends with the
    /// shell.
    bool wait_for_streams = true;
    std::size_t output_limit = std::size_t{64} << 20;  ///< bytes, of each stream
};

struct ProcessResult {
    std::string output;     ///< also what came before a failure
    std::string errors;     ///< what it wrote to its standard error
    io::ExitStatus status;  ///< of the shell; any status is a success of the call
    std::optional<Failure> failure;
    std::vector<io::LeftProcess> killed;  ///< by a failure
};

class ProcessRunner {
  public:
    explicit ProcessRunner(io::Loop& loop);
    ProcessRunner(const ProcessRunner&) = delete;
    ProcessRunner& operator=(const ProcessRunner&) = delete;
    /// Kills what the commands left in the background. No call may run.
    ~ProcessRunner();

    /// Any number at once.
    io::Task<ProcessResult> run(ProcessRequest request, CallLimits limits);
    /// Ends what the commands left in the background, with this grace, and waits for that.
    io::Task<void> end_leftovers(Duration grace);
    /// Processes that are known to have left something in the background that runs.
    std::size_t leftovers();

  private:
    class Command;
    io::Task<bool> end(Command& command, Duration grace);
    void forget_ended();

    io::Loop& loop_;
    std::vector<std::unique_ptr<Command>> left_;
};

}  // namespace relux::clients

// The start of a shell (language 5.3): its process is opened, also where terminals, descriptors or processes
// are few, and its first prompt is waited for.
#pragma once

#include <string>
#include <vector>

#include "vm/io/loop.h"
#include "vm/io/task.h"
#include "vm/run/shell_input.h"
#include "vm/run/shell_parts.h"

namespace relux::run {

class ShellStart {
  public:
    /// All outlive this. `listener` hears what happens to the process.
    ShellStart(ShellParts& shell, ShellInput& input, io::ShellListener& listener)
        : shell_(shell), input_(input), listener_(listener) {}

    /// `environment` is complete. False when it failed or was stopped.
    io::Task<bool> run(std::vector<std::string> environment);

  private:
    io::Task<bool> open(std::vector<std::string> environment);
    io::Task<bool> find_prompt();
    void fail_without_prompt(const Deadline& deadline);

    ShellParts& shell_;
    ShellInput& input_;
    io::ShellListener& listener_;
};

}  // namespace relux::run

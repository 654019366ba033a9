// A subcommand, and the way from main() to it. CLI11 is seen only by command.cpp: it costs ten seconds of
// compiling wherever it is included.
#pragma once

#include <string_view>
#include <vector>

namespace relux::cli {

class CommandLine;

class Command {
  public:
    virtual ~Command() = default;
    virtual std::string_view name() const = 0;
    virtual std::string_view description() const = 0;
    /// Lines shown below `--help`.
    virtual std::string_view example() const = 0;
    /// Declares options and positionals; they write into this object.
    virtual void declare(CommandLine& line) = 0;
    /// Runs with what was parsed; the exit status.
    virtual int execute() = 0;
    /// For programs, not for people: not in the help.
    virtual bool hidden() const { return false; }
};

struct ProgramInfo {
    std::string_view name;
    std::string_view description;
    std::string_view example;
};

/// Parses, runs one command, and turns every way to fail into an exit status (cli 1). Nothing is thrown.
int run_program(const ProgramInfo& info, const std::vector<Command*>& commands, int argument_count,
                char** arguments);

}  // namespace relux::cli

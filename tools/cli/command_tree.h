// A program's commands with what each takes, for the parser, completion and manual pages.
#pragma once

#include <vector>

#include "tools/cli/command.h"
#include "tools/cli/command_line.h"

namespace relux::cli {

struct DeclaredCommand {
    Command* command;
    CommandLine line;
};

/// Asks each command for what it takes. The results write into the commands when values are assigned.
std::vector<DeclaredCommand> declare_commands(const std::vector<Command*>& commands);

/// The positional of a command, or null.
const Parameter* positional_of(const CommandLine& line);

}  // namespace relux::cli

// What a program's declared flags are, for help, completion and manual pages.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/command.h"

namespace CLI {
class Option;
}

namespace relux::cli {

/// Declares a program's own flags and its commands in `program`, which is fresh.
void declare_program(const ProgramInfo& info, const std::vector<Command*>& commands, CLI::App& program);

/// Flags and positionals of a command, those in option groups included, in the order of their declaration.
std::vector<const CLI::Option*> options_of(const CLI::App& command);

/// The values that a flag takes if they are a closed set.
std::vector<std::string> choices_of(const CLI::Option& option);

/// Whether it is a flag without a value.
bool is_switch(const CLI::Option& option);

/// What stands for the value in help: `N`, `PATH`, `all|fail-fast`; empty for a switch.
std::string value_name(const CLI::Option& option);

}  // namespace relux::cli

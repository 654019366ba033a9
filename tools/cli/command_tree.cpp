#include "tools/cli/command_tree.h"

#include <utility>

namespace relux::cli {

std::vector<DeclaredCommand> declare_commands(const std::vector<Command*>& commands) {
    std::vector<DeclaredCommand> declared;
    for (auto* command : commands) {
        CommandLine line;
        command->declare(line);
        declared.push_back({command, std::move(line)});
    }
    return declared;
}

const Parameter* positional_of(const CommandLine& line) {
    for (const auto& parameter : line.parameters()) {
        if (parameter.positional()) return &parameter;
    }
    return nullptr;
}

}  // namespace relux::cli

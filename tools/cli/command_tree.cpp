// See command_tree.h.
#include "tools/cli/command_tree.h"

#include <CLI/CLI.hpp>

#include "tools/cli/version.h"

namespace relux::cli {

namespace {

void add_help(CLI::App& app, std::string_view example) {
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.footer("Example:\n" + std::string(example));
}

}  // namespace

void declare_program(const ProgramInfo& info, const std::vector<Command*>& commands, CLI::App& program) {
    program.name(std::string(info.name));
    program.description(std::string(info.description));
    add_help(program, info.example);
    const auto version_line = std::string(info.name) + " " + std::string(version());
    program.set_version_flag("--version", version_line, "Print the version and exit");
    for (auto* command : commands) {
        auto* part =
            program.add_subcommand(std::string(command->name()), std::string(command->description()));
        add_help(*part, command->example());
        part->set_version_flag("--version", version_line, "Print the version and exit");
        // No group: not listed.
        if (command->hidden()) part->group("");
        command->declare(*part);
    }
}

std::vector<const CLI::Option*> options_of(const CLI::App& command) {
    auto options = command.get_options();
    for (const auto* group : command.get_subcommands({})) {
        if (!group->get_name().empty()) continue;
        for (const auto* option : options_of(*group))
            options.push_back(option);
    }
    return options;
}

// CLI11 keeps the set of an IsMember check only in its description: `TEXT:{all,fail-fast}`.
std::vector<std::string> choices_of(const CLI::Option& option) {
    const auto type = option.get_type_name();
    const auto open = type.find('{');
    const auto close = type.rfind('}');
    std::vector<std::string> choices;
    if (open == std::string::npos || close == std::string::npos || close <= open + 1) return choices;
    for (std::size_t at = open + 1; at < close;) {
        const auto comma = std::min(type.find(',', at), close);
        choices.push_back(type.substr(at, comma - at));
        at = comma + 1;
    }
    return choices;
}

bool is_switch(const CLI::Option& option) {
    return !option.get_positional() && option.get_items_expected_max() == 0;
}

std::string value_name(const CLI::Option& option) {
    if (is_switch(option)) return {};
    const auto choices = choices_of(option);
    if (choices.empty()) {
        const auto type = option.get_type_name();
        return type.substr(0, type.find(':'));
    }
    std::string text;
    for (const auto& choice : choices)
        text += (text.empty() ? "" : "|") + choice;
    return text;
}

}  // namespace relux::cli

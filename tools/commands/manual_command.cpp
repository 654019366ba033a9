// One page for the program, one for each command, in troff's man macros. Neither clock nor machine shows in
// them.
#include "tools/commands/manual_command.h"

#include <algorithm>

#include "tools/cli/command_line.h"
#include "tools/cli/command_tree.h"
#include "tools/cli/output.h"
#include "tools/cli/version.h"
#include "vm/base/files.h"

namespace relux::cli {

namespace {

constexpr std::string_view kExitStatus = R"(.SH EXIT STATUS
.TP
.B 0
success
.TP
.B 1
tests failed, or the input has errors
.TP
.B 2
wrong usage, or nothing could be started
.TP
.B 70
an internal error
.TP
.B 130
interrupted
)";

/// As running text: escaped, white space drawn together.
std::string text_of(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const bool space = c == '\n' || c == ' ';
        if (space && (result.empty() || result.back() == ' ')) continue;
        if (c == '\\') {
            result += "\\e";
        } else if (c == '-') {
            result += "\\-";
        } else if ((c == '.' || c == '\'') && result.empty()) {
            result += std::string("\\&") + c;
        } else {
            result += space ? ' ' : c;
        }
    }
    return result;
}

/// As lines that are shown as they are.
std::string lines_of(std::string_view text) {
    std::string result = ".nf\n";
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        const auto indent = std::min(line.find_first_not_of(' '), line.size());
        line.remove_prefix(std::min<std::size_t>(indent, 2));
        result += "\\&";
        for (const char c : line)
            result += c == '\\' ? std::string("\\e") : c == '-' ? std::string("\\-") : std::string(1, c);
        result += "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result + ".fi\n";
}

std::string heading(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return ".\\\" Written by `relux manual`; change the declarations of the flags instead.\n.TH " + name +
           " 1 \"\" \"Relux " + std::string(version()) + "\" \"Relux\"\n";
}

std::string option_names(const Parameter& option) {
    std::string names;
    const auto add = [&](const std::string& name) {
        names += (names.empty() ? "" : ", ") + ("\\fB" + text_of(name) + "\\fR");
    };
    for (const auto& name : option.short_names())
        add("-" + name);
    for (const auto& name : option.long_names())
        add("--" + name);
    if (names.empty()) names = "\\fI" + text_of(option.names()) + "\\fR";
    const auto value = option.value_name();
    if (!option.positional() && !value.empty()) names += " \\fI" + text_of(value) + "\\fR";
    return names;
}

std::string options_section(const CommandLine& line) {
    std::string text = ".SH OPTIONS\n";
    for (const auto& option : line.parameters()) {
        text += ".TP\n" + option_names(option) + "\n" + text_of(option.description());
        const auto& initial = option.default_text();
        if (!initial.empty()) text += " (default: " + text_of(initial) + ")";
        text += "\n";
    }
    return text;
}

std::string command_page(const ProgramInfo& info, const Command& command, const CommandLine& line) {
    const auto full = std::string(info.name) + "-" + std::string(command.name());
    auto text = heading(full) + ".SH NAME\n" + text_of(full) + " \\- " + text_of(command.description()) +
                "\n.SH SYNOPSIS\n.B " + std::string(info.name) + " " + text_of(command.name()) +
                "\n[\\fIOPTION\\fR]...";
    for (const auto& option : line.parameters()) {
        if (!option.positional()) continue;
        const auto name = "\\fI" + text_of(option.names()) + "\\fR";
        const std::string dots = option.repeatable() ? "..." : "";
        text += option.is_required() ? " " + name + dots : " [" + name + dots + "]";
    }
    text += "\n" + options_section(line) + ".SH EXAMPLES\n" + lines_of(command.example());
    return text + std::string(kExitStatus) + ".SH SEE ALSO\n.BR " + std::string(info.name) + " (1)\n";
}

std::string program_page(const ProgramInfo& info, const std::vector<Command*>& commands) {
    const std::string name(info.name);
    auto text = heading(name) + ".SH NAME\n" + name + " \\- " + text_of(info.description) +
                "\n.SH SYNOPSIS\n.B " + name +
                "\n\\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n.SH COMMANDS\n";
    for (const auto* command : commands) {
        text += ".TP\n.BR " + name + "\\-" + text_of(command->name()) + " (1)\n" +
                text_of(command->description()) + "\n";
    }
    return text + ".SH EXAMPLES\n" + lines_of(info.example) + std::string(kExitStatus);
}

}  // namespace

ManualCommand::ManualCommand(const ProgramInfo& info, std::vector<Command*> commands)
    : info_(info), commands_(std::move(commands)) {}

void ManualCommand::declare(CommandLine& line) {
    line.option("-o,--output", &output_, "Directory for the pages").value("PATH").required();
}

int ManualCommand::execute() {
    std::error_code error;
    std::filesystem::create_directories(output_, error);
    if (error) return complain("cannot create " + output_.string() + ": " + error.message());
    const auto write = [&](const std::string& name, const std::string& page) {
        return replace_file(output_ / (name + ".1"), page);
    };
    auto written = write(std::string(info_.name), program_page(info_, commands_));
    for (const auto& [command, line] : declare_commands(commands_)) {
        if (!written) break;
        const auto name = std::string(command->name());
        written = write(std::string(info_.name) + "-" + name, command_page(info_, *command, line));
    }
    return written ? kSuccess : complain(written.error().message);
}

}  // namespace relux::cli

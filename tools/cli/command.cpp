// The edge where CLI11's exceptions end. A wrong word is answered with the nearest right one.
#include "tools/cli/command.h"

#include <csignal>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/cli/command_tree.h"
#include "tools/cli/output.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace {

// Handlers, not SIG_IGN: what is ignored stays ignored in the shells that a test starts, a handler does not.
extern "C" void exit_as_internal_error(int) {
    ::_exit(kInternalError);
}
extern "C" void note_closed_pipe(int) {}

void set_signals() {
    std::signal(SIGABRT, exit_as_internal_error);
    // A reader that closes our output must not keep us from ending what the tests have started.
    std::signal(SIGPIPE, note_closed_pipe);
}

std::string in_quotes(std::string_view word) {
    return "`" + visible(word, false) + "`";
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
    std::vector<std::string_view> candidates(known.begin(), known.end());
    auto nearest = nearest_name(word, candidates);
    return nearest.empty() ? std::string() : "; did you mean " + in_quotes(nearest) + "?";
}

std::string unexpected_word(const CLI::App& app, bool has_commands) {
    auto remaining = app.remaining(true);
    std::string word = remaining.empty() ? std::string() : remaining.front();
    for (const auto& candidate : remaining) {
        if (candidate.size() > 1 && candidate.front() == '-') {
            word = candidate;
            break;
        }
    }
    std::vector<std::string> known;
    if (!word.starts_with('-')) {
        if (!has_commands) return "unexpected argument " + in_quotes(word);
        for (const auto* command : app.get_subcommands({})) {
            if (!command->get_group().empty()) known.push_back(command->get_name());
        }
        return "unknown command " + in_quotes(word) + suggestion(word, known);
    }
    word = word.substr(0, word.find('='));
    for (const auto* option : options_of(app)) {
        for (const auto& name : option->get_lnames())
            known.push_back("--" + name);
    }
    return "unknown flag " + in_quotes(word) + suggestion(word, known);
}

// The command that the words after it belong to; the program itself before any.
const CLI::App& parsed_part(const CLI::App& program) {
    auto parsed = program.get_subcommands();
    return parsed.empty() ? program : *parsed.front();
}

int explain_parse_error(const CLI::App& program, const CLI::ParseError& error) {
    const auto& part = parsed_part(program);
    bool at_top = &part == &program;
    auto full_name = at_top ? program.get_name() : program.get_name() + " " + part.get_name();
    bool extras = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    auto message = extras ? unexpected_word(part, at_top) : std::string(error.what());
    complain(message);
    print_error("Try `" + full_name + " --help`.\n");
    return kUsage;
}

int parse_and_execute(CLI::App& program, const std::vector<Command*>& commands, int count, char** arguments) {
    try {
        program.parse(count, arguments);
    } catch (const CLI::CallForHelp&) {
        print_output(parsed_part(program).help(&parsed_part(program) == &program ? "" : program.get_name()));
        return kSuccess;
    } catch (const CLI::CallForVersion& asked) {
        print_output(std::string(asked.what()) + "\n");
        return kSuccess;
    } catch (const CLI::ParseError& error) {
        return explain_parse_error(program, error);
    }
    for (auto* command : commands) {
        if (program.got_subcommand(std::string(command->name()))) return command->execute();
    }
    print_error(program.help());
    return kUsage;
}

}  // namespace

int run_program(const ProgramInfo& info, const std::vector<Command*>& commands, int argument_count,
                char** arguments) {
    set_signals();
    try {
        CLI::App program;
        declare_program(info, commands, program);
        return parse_and_execute(program, commands, argument_count, arguments);
    } catch (const std::exception& error) {
        print_error("internal error: " + std::string(error.what()) + "\n");
        return kInternalError;
    }
}

}  // namespace relux::cli

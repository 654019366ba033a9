// The edge where CLI11's exceptions end. A wrong word is answered with the nearest right one.
#include "tools/cli/command.h"

#include <algorithm>
#include <csignal>
#include <deque>
#include <exception>
#include <fcntl.h>
#include <malloc.h>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/cli/command_line.h"
#include "tools/cli/command_tree.h"
#include "tools/cli/output.h"
#include "tools/cli/version.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace {

// Handlers, not SIG_IGN: what is ignored stays ignored in the shells that a test starts, a handler does not.
extern "C" void exit_as_internal_error(int) {
    ::_exit(kInternalError);
}
extern "C" void let_the_write_fail(int) {}

// Without the standard three, the next files to be opened would take their places, and be written to.
void open_standard_descriptors() {
    for (int number = 0; number < 3; ++number) {
        if (::fcntl(number, F_GETFD) >= 0) continue;
        if (::open("/dev/null", number == 0 ? O_RDONLY : O_WRONLY) < 0) ::_exit(kInternalError);
    }
}

void set_signals() {
    std::signal(SIGABRT, exit_as_internal_error);
    // A reader that closes our output must not keep us from ending what the tests have started.
    std::signal(SIGPIPE, let_the_write_fail);
    // Nor one who limits the size of files. If he ignores the signal, so do we.
    if (std::signal(SIGXFSZ, let_the_write_fail) == SIG_IGN) std::signal(SIGXFSZ, SIG_IGN);
}

std::string in_quotes(std::string_view word) {
    return "`" + visible(word, false) + "`";
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
    std::vector<std::string_view> candidates(known.begin(), known.end());
    auto nearest = nearest_name(word, candidates);
    return nearest.empty() ? std::string() : "; did you mean " + in_quotes(nearest) + "?";
}

/// One command and what CLI11 collects for it.
struct ParsedCommand {
    ParsedCommand(Command& its_command, CommandLine its_line)
        : command(its_command), line(std::move(its_line)) {}

    Command& command;
    CommandLine line;
    CLI::App* app = nullptr;
    std::deque<std::vector<std::string>> values;  ///< per parameter; addresses are kept
};

/// Null: the word is no command's name.
ParsedCommand* named_by(std::vector<ParsedCommand>& commands, std::string_view word) {
    const auto found = std::find_if(commands.begin(), commands.end(),
                                    [&](const auto& parsed) { return parsed.command.name() == word; });
    return found == commands.end() ? nullptr : &*found;
}

std::string unexpected_word(const CLI::App& app, const std::vector<ParsedCommand>& commands,
                            const ParsedCommand* in) {
    auto remaining = app.remaining(true);
    std::string word = remaining.empty() ? std::string() : remaining.front();
    for (const auto& candidate : remaining) {
        if (candidate.size() > 1 && candidate.front() == '-' && candidate != "--") {
            word = candidate;
            break;
        }
    }
    std::vector<std::string> known;
    if (!word.starts_with('-')) {
        if (in != nullptr) return "unexpected argument " + in_quotes(word);
        for (const auto& parsed : commands) {
            if (!parsed.command.hidden()) known.emplace_back(parsed.command.name());
        }
        return "unknown command " + in_quotes(word) + suggestion(word, known);
    }
    word = word.substr(0, word.find('='));
    const CommandLine own;
    for (const auto& parameter : (in != nullptr ? in->line : own).parameters()) {
        for (const auto& name : parameter.long_names())
            known.push_back("--" + name);
    }
    // A flag of the command in front of it.
    if (in != nullptr && std::find(known.begin(), known.end(), word) != known.end())
        return in_quotes(word) + " belongs behind " + in_quotes(in->command.name());
    return "unknown flag " + in_quotes(word) + suggestion(word, known);
}

void add_help(CLI::App& app, std::string_view example, const std::string& version_line) {
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.set_version_flag("-V,--version", version_line, "Print the version and exit");
    app.footer("Example:\n" + std::string(example));
}

// The values are taken as text and converted by us, whose words tell what was expected.
CLI::Option* add_parameter(CLI::App& app, const Parameter& parameter, std::vector<std::string>& values) {
    if (parameter.is_switch() && !parameter.takes_optional_value()) {
        return app.add_flag_callback(
            parameter.names(), [&values] { values = {"true"}; }, parameter.description());
    }
    if (parameter.takes_optional_value()) {
        return app.add_flag(parameter.names(), values, parameter.description());
    }
    CLI::Option* option = nullptr;
    if (parameter.repeatable()) {
        option = app.add_option(parameter.names(), values, parameter.description());
        if (!parameter.positional() && !parameter.takes_several()) option->allow_extra_args(false);
        if (parameter.most()) option->expected(0, *parameter.most());
    } else {
        // The last of a flag that stands twice counts: scripts append to what they were given.
        option = app.add_option_function<std::string>(
            parameter.names(), [&values](const std::string& value) { values = {value}; },
            parameter.description());
        option->take_last();
    }
    option->type_name(parameter.value_name());
    if (parameter.is_required()) option->required();
    if (!parameter.default_text().empty()) option->default_str(parameter.default_text());
    return option;
}

/// Help in our words, where CLI11 would count or show how it is made.
class HelpFormatter : public CLI::Formatter {
  public:
    std::string make_option_usage(const CLI::Option* option) const override {
        auto name = make_option_name(option, true);
        if (option->get_expected_max() > 1) name += "...";
        return option->get_required() ? name : "[" + name + "]";
    }
    /// Options of which so many can be given together.
    std::string make_expanded(const CLI::App* group) const override {
        auto text = "\n" + group->get_group() + " (" + group->get_description() + "):\n";
        for (const auto* option : group->get_options()) {
            if (option != group->get_help_ptr()) text += make_option(option, false);
        }
        return text;
    }
};

/// `named`: a word of the command line is its name. One that is not named needs no flags.
void declare(CLI::App& program, ParsedCommand& parsed, bool named, const std::string& version_line) {
    auto& app = *program.add_subcommand(std::string(parsed.command.name()),
                                        std::string(parsed.command.description()));
    parsed.app = &app;
    // No group: not listed.
    if (parsed.command.hidden()) app.group("");
    if (!named) return;
    add_help(app, parsed.command.example(), version_line);
    std::map<const Parameter*, CLI::App*> owners;
    for (const auto& group : parsed.line.groups()) {
        auto* owner = app.add_option_group(group.name, group.description);
        for (const auto* member : group.members)
            owners[member] = owner;
    }
    for (const auto& parameter : parsed.line.parameters()) {
        auto& values = parsed.values.emplace_back();
        // Help and version are CLI11's own.
        if (std::holds_alternative<std::monostate>(parameter.target())) continue;
        const auto owner = owners.find(&parameter);
        add_parameter(owner == owners.end() ? app : *owner->second, parameter, values);
    }
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
        text += names[i];
    }
    return text;
}

/// Says what is missing, or does not go together; empty: nothing.
std::string wrong_combination(const ParsedCommand& parsed) {
    std::map<const Parameter*, bool> given;
    std::size_t index = 0;
    for (const auto& parameter : parsed.line.parameters())
        given[&parameter] = !parsed.values[index++].empty();
    const std::string command(parsed.command.name());
    for (const auto& group : parsed.line.groups()) {
        std::vector<std::string> all;
        std::vector<std::string> chosen;
        for (const auto* member : group.members) {
            all.push_back(member->shown_name());
            if (given[member]) chosen.push_back(member->shown_name());
        }
        if (chosen.size() > 1) return joined(chosen) + " exclude each other";
        if (chosen.empty() && group.one_required) return command + " needs one of " + joined(all);
    }
    for (const auto& parameter : parsed.line.parameters()) {
        if (!parameter.is_required() || given[&parameter]) continue;
        const auto value = parameter.positional() ? std::string() : " " + parameter.value_name();
        return command + " needs " + parameter.shown_name() + value;
    }
    return {};
}

/// Says what is wrong with the number of values of the parameter that CLI11 names in front of a colon; empty:
/// it names none.
std::string wrong_number_of_values(const ParsedCommand& parsed, std::string_view said) {
    const auto named = said.substr(0, said.find(':'));
    for (const auto& parameter : parsed.line.parameters()) {
        const auto long_name = named.starts_with("--") ? named.substr(2) : std::string_view();
        const auto short_name = named.starts_with('-') ? named.substr(1) : std::string_view();
        const auto& shorts = parameter.short_names();
        const bool meant = parameter.has_long_name(long_name) || parameter.names() == named ||
                           std::find(shorts.begin(), shorts.end(), short_name) != shorts.end();
        if (!meant) continue;
        return parameter.shown_name() + " needs a value: " + parameter.value_name();
    }
    return {};
}

/// Says in our words what CLI11 has found wrong.
std::string in_our_words(const CLI::ParseError& error, const ParsedCommand* in) {
    if (in == nullptr) return error.what();
    auto message = dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr
                       ? wrong_number_of_values(*in, error.what())
                       : wrong_combination(*in);
    return message.empty() ? error.what() : message;
}

/// Why the values can't be taken; empty if they were.
std::string assign(ParsedCommand& parsed) {
    if (auto error = wrong_combination(parsed); !error.empty()) return error;
    std::size_t index = 0;
    for (const auto& parameter : parsed.line.parameters()) {
        if (auto error = parameter.assign(parsed.values[index++]); !error.empty()) return error;
    }
    return {};
}

/// The switch of `word` if a value is joined to it, which the parser would read as yes or no; else nothing.
const Parameter* switch_with_value(const CommandLine& line, std::string_view word) {
    const auto equals = word.find('=');
    if (!word.starts_with("--") || equals == std::string_view::npos) return nullptr;
    for (const auto& parameter : line.parameters()) {
        const bool meant = parameter.has_long_name(word.substr(2, equals - 2));
        if (meant) return parameter.is_switch() && !parameter.takes_optional_value() ? &parameter : nullptr;
    }
    return nullptr;
}

/// Why a switch can't be what was given; empty if each stands alone.
std::string wrong_switch(const CommandLine& line, char* const* words, char* const* end) {
    for (; words != end && *words != std::string_view("--"); ++words) {
        const auto* found = switch_with_value(line, *words);
        if (found != nullptr) return found->shown_name() + " takes no value: " + in_quotes(*words);
    }
    return {};
}

int explain(const std::string& program, const ParsedCommand* in, const std::string& message) {
    complain(message);
    const auto full = in == nullptr ? program : program + " " + std::string(in->command.name());
    print_error("Try `" + full + " --help`.\n");
    return kUsage;
}

/// `help COMMAND` is `COMMAND --help`. `flag` holds that word, and outlives what is given.
std::vector<char*> spelled_out(const std::vector<Command*>& commands, int count, char** arguments,
                               std::string& flag) {
    std::vector<char*> words(arguments, arguments + count);
    if (count < 2 || words[1] != std::string_view("help")) return words;
    const bool about_one = count > 2;
    const bool known = about_one && std::any_of(commands.begin(), commands.end(), [&](const auto* command) {
                           return command->name() == words[2];
                       });
    if (known) return {words[0], words[2], flag.data()};
    // One that is not known will be called so.
    return {words[0], about_one ? words[2] : flag.data()};
}

int parse_and_execute(const ProgramInfo& info, const std::vector<Command*>& commands, int count,
                      char** arguments) {
    CLI::App program;
    program.formatter(std::make_shared<HelpFormatter>());
    program.name(std::string(info.name));
    program.description(std::string(info.description));
    // A path may have the name of a command: `relux run check`.
    program.require_subcommand(0, 1);
    const auto version_line = std::string(info.name) + " " + std::string(version());
    add_help(program, info.example, version_line);
    std::vector<ParsedCommand> all;
    all.reserve(commands.size());
    char** const words = arguments + std::min(count, 1);
    char** const end = arguments + count;
    for (auto* command : commands) {
        const bool named = std::find(words, end, command->name()) != end;
        CommandLine line;
        if (named) command->declare(line);
        auto& parsed = all.emplace_back(*command, std::move(line));
        // Words of another command line are none of the parser's business.
        if (parsed.line.words() != nullptr && count > 1 && arguments[1] == parsed.command.name()) {
            parsed.line.words()->assign(arguments + 2, arguments + count);
            return parsed.command.execute();
        }
        declare(program, parsed, named, version_line);
    }
    // The command that the words after it belong to; none before any.
    const auto current = [&]() -> ParsedCommand* {
        const auto found =
            std::find_if(all.begin(), all.end(), [](const auto& one) { return one.app->parsed(); });
        return found == all.end() ? nullptr : &*found;
    };
    auto* const first = words == end ? nullptr : named_by(all, *words);
    const CommandLine own;
    if (auto error = wrong_switch(first == nullptr ? own : first->line, words, end); !error.empty())
        return explain(program.get_name(), first, error);
    try {
        program.parse(count, arguments);
    } catch (const CLI::CallForHelp&) {
        const auto* in = current();
        print_output(in == nullptr ? program.help() : in->app->help(program.get_name()));
        return kSuccess;
    } catch (const CLI::CallForVersion& asked) {
        print_output(std::string(asked.what()) + "\n");
        return kSuccess;
    } catch (const CLI::ParseError& error) {
        const auto* in = current();
        // A misspelt flag is often why a required one is missing too, which is what the parser tells.
        const bool unexpected = !program.remaining(true).empty();
        return explain(program.get_name(), in,
                       unexpected ? unexpected_word(program, all, in) : in_our_words(error, in));
    }
    auto* chosen = current();
    if (chosen == nullptr) {
        print_error(program.help());
        return kUsage;
    }
    if (auto error = assign(*chosen); !error.empty()) return explain(program.get_name(), chosen, error);
    return chosen->command.execute();
}

}  // namespace

int run_program(const ProgramInfo& info, const std::vector<Command*>& commands, int argument_count,
                char** arguments) {
    // Fast bins are gathered whenever a larger piece is asked for, which compiling does all the time: a
    // twelfth of it.
    ::mallopt(M_MXFAST, 0);
    open_standard_descriptors();
    set_signals();
    try {
        std::string help_flag = "--help";
        auto words = spelled_out(commands, argument_count, arguments, help_flag);
        return parse_and_execute(info, commands, static_cast<int>(words.size()), words.data());
    } catch (const std::exception& error) {
        print_error("internal error: " + std::string(error.what()) + "\n");
        return kInternalError;
    }
}

}  // namespace relux::cli

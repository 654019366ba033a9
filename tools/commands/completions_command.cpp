// Where the scripts go, and the answers to them.
#include "tools/commands/completions_command.h"

#include <algorithm>
#include <charconv>
#include <unistd.h>

#include "tools/cli/command_line.h"
#include "tools/cli/command_tree.h"
#include "tools/cli/output.h"
#include "tools/project/ci_protocols.h"
#include "tools/shell/completions.h"
#include "vm/base/files.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

/// In the second line at the latest, of every script that we wrote.
constexpr std::string_view kMark = "written by `relux completions";

/// A directory from the environment, else below the home directory.
fs::path user_directory(std::string_view variable, std::string_view below_home) {
    if (const auto set = host_variable(variable)) return *set;
    return fs::path(host_variable("HOME").value_or(".")) / below_home;
}

/// Where each shell looks by itself; zsh only if the directory is in its fpath.
fs::path default_path(const std::string& shell) {
    if (shell == "fish")
        return user_directory("XDG_CONFIG_HOME", ".config") / "fish" / "completions" / "relux.fish";
    const auto data = user_directory("XDG_DATA_HOME", ".local/share");
    if (shell == "zsh") return data / "zsh" / "site-functions" / "_relux";
    if (const auto set = host_variable("BASH_COMPLETION_USER_DIR"))
        return fs::path(*set) / "completions" / "relux";
    return data / "bash-completion" / "completions" / "relux";
}

std::string advice(const std::string& shell, const fs::path& file) {
    const auto text = file.string();
    if (shell == "bash")
        return "bash reads it if the package bash-completion is installed; else add to ~/.bashrc: source " +
               text;
    if (shell == "zsh")
        return "zsh reads it if ~/.zshrc has, before compinit: fpath+=(" + file.parent_path().string() + ")";
    return "fish reads it by itself";
}

Status install(const fs::path& file, std::string_view script) {
    std::error_code error;
    if (fs::exists(file, error)) {
        const auto present = read_file(file);
        if (!present) return present.error();
        if (present->find(kMark) == std::string::npos)
            return Error{file.string() + " exists and was not written by relux; it is not overwritten"};
    }
    if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
    if (error) return Error{"cannot create " + file.parent_path().string() + ": " + error.message()};
    return replace_file(file, script);
}

}  // namespace

std::string_view CompletionsCommand::example() const {
    return "  relux completions --install              # for the shell in $SHELL\n"
           "  source <(relux completions --shell bash) # only here and now\n"
           "  relux completions --shell zsh --install --path ~/.zfunc/_relux";
}

void CompletionsCommand::declare(CommandLine& line) {
    line.option("--shell", &shell_, "Which shell (default: that of $SHELL)").choices({"bash", "zsh", "fish"});
    line.flag("--install", install_, "Write the script; without it, print it and say where it would go");
    line.option("--path", &path_, "Where to (default: where the shell looks for it)").value("PATH");
}

int CompletionsCommand::execute() {
    auto shell = shell_;
    if (shell.empty()) shell = fs::path(host_variable("SHELL").value_or("")).filename().string();
    if (shell != "bash" && shell != "zsh" && shell != "fish") {
        const auto which = shell.empty() ? std::string("$SHELL is not set") : "$SHELL is " + shell;
        return complain(which + "; say which with --shell bash, zsh or fish");
    }
    const auto file = path_.value_or(default_path(shell));
    const auto script = completion_script(shell);
    if (!install_) {
        print_output(script);
        print_error("nothing was written; with --install this goes to " + file.string() + "\n");
        return kSuccess;
    }
    if (const auto installed = install(file, script); !installed) return complain(installed.error().message);
    print_error("wrote " + file.string() + "\n" + advice(shell, file) + "\n");
    return kSuccess;
}

namespace {

/// Readline gives `--flag=value` as three words, and replaces the last one alone. The number of bytes before
/// it in the word that they make.
std::size_t join_equals(std::vector<std::string>& words) {
    std::vector<std::string> joined;
    std::size_t before = 0;
    bool goes_on = false;
    for (auto& word : words) {
        const bool equals = word == "=" && !joined.empty() && joined.back().starts_with("--");
        before = 0;
        if (equals || goes_on) {
            before = joined.back().size() + (equals ? 1 : 0);
            joined.back() += word;
        } else {
            joined.push_back(std::move(word));
        }
        goes_on = equals;
    }
    words = std::move(joined);
    return before;
}

std::string escaped_for_zsh(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == ':' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string answer_lines(const std::vector<Candidate>& candidates, const std::string& shell,
                         std::size_t cut) {
    const auto separator = host_variable("_CLAP_IFS").value_or("\n");
    std::string text;
    for (const auto& candidate : candidates) {
        if (shell == "fish") {
            text +=
                candidate.value + (candidate.description.empty() ? "" : "\t" + candidate.description) + "\n";
            continue;
        }
        if (!text.empty()) text += separator;
        if (shell == "bash") {
            text += candidate.value.substr(std::min(cut, candidate.value.size()));
            continue;
        }
        text += escaped_for_zsh(candidate.value);
        if (!candidate.description.empty()) text += ":" + candidate.description;
    }
    return text;
}

}  // namespace

std::optional<int> answer_completion(const std::vector<Command*>& commands, int argument_count,
                                     char** arguments) {
    const auto shell = host_variable("COMPLETE").value_or("");
    // Other values are somebody else's.
    if (shell != "bash" && shell != "zsh" && shell != "fish") return std::nullopt;
    std::vector<std::string> words(arguments + 1, arguments + argument_count);
    if (words.empty() || words.front() != "--") {
        print_output(completion_script(shell));
        return kSuccess;
    }
    words.erase(words.begin());
    if (const auto given = host_variable("_CLAP_COMPLETE_INDEX"); given && shell != "fish") {
        std::size_t index = 0;
        const auto read = std::from_chars(given->data(), given->data() + given->size(), index);
        constexpr std::size_t kMostWords = 100'000;
        if (read.ec == std::errc() && index < kMostWords) words.resize(index + 1);
    }
    // The program's own name.
    if (!words.empty()) words.erase(words.begin());
    const auto cut = shell == "bash" ? join_equals(words) : 0;
    print_raw(STDOUT_FILENO, answer_lines(complete_words(declare_commands(commands), words), shell, cut));
    return kSuccess;
}

CompleteCommand::CompleteCommand(const ProgramInfo& info, std::vector<Command*> commands)
    : info_(info), commands_(std::move(commands)) {}

void CompleteCommand::declare(CommandLine& line) {
    // The words are another command line: nothing in them is a flag of this one.
    line.take_words(words_);
}

int CompleteCommand::execute() {
    auto words = words_;
    if (!words.empty() && words.front() == "--") words.erase(words.begin());
    std::string lines;
    for (const auto& candidate : complete_words(declare_commands(commands_), words))
        lines += candidate.value + "\t" + candidate.description + "\n";
    print_raw(STDOUT_FILENO, lines);
    return kSuccess;
}

}  // namespace relux::cli

#include "vm/base/shell_words.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace relux {

namespace {

/// How deep command lines within words are looked into.
constexpr int kMostNested = 3;

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

template <std::size_t size>
bool is_one_of(std::string_view text, const std::string_view (&known)[size]) {
    return std::find(std::begin(known), std::end(known), text) != std::end(known);
}

/// Words after which another command begins.
bool is_reserved(std::string_view text) {
    static constexpr std::string_view kReserved[] = {"!",     "if", "then", "elif", "else", "fi", "while",
                                                     "until", "do", "done", "esac", "{",    "}",  "time"};
    return is_one_of(text, kReserved);
}

/// Words that begin what is no command.
bool begins_list(std::string_view text) {
    static constexpr std::string_view kBeginnings[] = {"for", "case", "select", "function"};
    return is_one_of(text, kBeginnings);
}

/// Commands that run what they are given.
bool runs_its_words(std::string_view text) {
    static constexpr std::string_view kRunners[] = {"exec",   "env",  "command", "nohup", "setsid",
                                                    "nice",   "sudo", "stdbuf",  "xargs", "builtin",
                                                    "ionice", "eval", "timeout"};
    return is_one_of(text, kRunners);
}

/// `-c`, `-lc`: the next word is a command line.
bool takes_command_line(std::string_view text) {
    return text.size() >= 2 && text.front() == '-' && text[1] != '-' && text.back() == 'c';
}

std::size_t name_size(std::string_view text) {
    if (text.empty() || !is_name_start(text.front())) return 0;
    const auto end =
        std::find_if(text.begin(), text.end(), [](char c) { return !is_name_start(c) && !is_digit(c); });
    return static_cast<std::size_t>(end - text.begin());
}

bool is_setting(std::string_view text) {
    const auto size = name_size(text);
    return size > 0 && size < text.size() && text[size] == '=';
}

class LineReader {
  public:
    LineReader(std::string_view line, const ShellVariables& variables, int depth,
               std::vector<ShellWord>& words)
        : line_(line), variables_(variables), depth_(depth), words_(words) {}

    /// `commands`: whether the line is known to be one of commands.
    void read(bool commands) {
        commands_ = commands;
        at_command_ = true;
        while (at_ < line_.size())
            step();
        end_word();
    }

  private:
    void step() {
        const char c = line_[at_++];
        if (is_blank(c)) return end_word();
        switch (c) {
            case '\'':
                return single_quoted();
            case '"':
                return double_quoted();
            case '\\':
                if (at_ < line_.size()) add(line_[at_++]);
                return;
            case '$':
                return dollar(false);
            case '~':
                if (!in_word_ && (at_ == line_.size() || line_[at_] == '/' || is_blank(line_[at_])))
                    return add_variable("HOME", {});
                return add(c);
            case '>':
            case '<':
                return redirection(c);
            case ';':
            case '&':
            case '|':
            case '(':
            case ')':
            case '`':
                return begin_command();
            default:
                return add(c);
        }
    }

    void add(char c) {
        word_ += c;
        in_word_ = true;
    }

    void begin_command() {
        end_word();
        at_command_ = true;
        after_runner_ = after_option_ = false;
        redirected_ = Redirected::No;
    }

    void single_quoted() {
        const auto end = std::min(line_.find('\'', at_), line_.size());
        word_ += line_.substr(at_, end - at_);
        at_ = std::min(end + 1, line_.size());
        in_word_ = quoted_ = true;
    }

    void double_quoted() {
        in_word_ = quoted_ = true;
        while (at_ < line_.size()) {
            const char c = line_[at_++];
            if (c == '"') return;
            if (c == '\\' && at_ < line_.size() &&
                std::string_view("$`\"\\").find(line_[at_]) != std::string_view::npos) {
                word_ += line_[at_++];
            } else if (c == '$') {
                dollar(true);
            } else {
                word_ += c;
            }
        }
    }

    // `at_` is past the `$`.
    void dollar(bool in_quotes) {
        const auto rest = line_.substr(at_);
        if (const auto size = name_size(rest); size > 0) {
            at_ += size;
            return add_variable(rest.substr(0, size), {});
        }
        if (rest.starts_with('{')) {
            const auto end = rest.find('}');
            const auto name = rest.substr(1, name_size(rest.substr(1)));
            if (end != std::string_view::npos && !name.empty()) {
                at_ += end + 1;
                return add_variable(name, rest.substr(name.size() + 1, end - name.size() - 1));
            }
        }
        // The shell alone knows these: `$?`, `$1`.
        if (!rest.empty() && (is_digit(rest.front()) ||
                              std::string_view("?$!#@*-").find(rest.front()) != std::string_view::npos)) {
            ++at_;
            in_word_ = true;
            return;
        }
        // The command itself is read as if it stood alone; in quotes the whole word is read again.
        if (!in_quotes && rest.starts_with('(')) {
            ++at_;
            return begin_command();
        }
        add('$');
    }

    /// `modifier` is `:-default` and the like.
    void add_variable(std::string_view name, std::string_view modifier) {
        in_word_ = true;
        const auto value = variables_ ? variables_(name) : std::nullopt;
        if (value) {
            word_ += *value;
        } else if (modifier.starts_with(":-") || modifier.starts_with(":=")) {
            word_ += modifier.substr(2);
        } else if (modifier.starts_with('-') || modifier.starts_with('=')) {
            word_ += modifier.substr(1);
        }
    }

    void redirection(char direction) {
        if (!quoted_ && is_number(word_)) {
            word_.clear();
            in_word_ = false;
        }
        end_word();
        const auto next = [this](char c) {
            const bool there = at_ < line_.size() && line_[at_] == c;
            at_ += there;
            return there;
        };
        bool adds = false;
        while (next(direction))
            adds = true;
        if (next('|') || next('-')) adds = false;
        // `2>&1`: no file.
        no_file_ = next('&');
        redirected_ = direction == '>' && !adds ? Redirected::Anew : Redirected::Read;
    }

    void end_word() {
        const bool there = std::exchange(in_word_, false);
        const bool quoted = std::exchange(quoted_, false);
        const std::string text = std::exchange(word_, {});
        if (!there) return;
        if (const auto redirected = std::exchange(redirected_, Redirected::No);
            redirected != Redirected::No) {
            if (std::exchange(no_file_, false)) return;
            return tell(redirected == Redirected::Anew ? ShellWord::Role::Output : ShellWord::Role::Argument,
                        text, quoted);
        }
        tell(role_of(text, quoted), text, quoted);
    }

    ShellWord::Role role_of(const std::string& text, bool quoted) {
        if (!at_command_ || !commands_) return ShellWord::Role::Argument;
        if (!quoted && is_reserved(text)) return ShellWord::Role::Argument;
        if (!quoted && begins_list(text)) {
            at_command_ = false;
            return ShellWord::Role::Argument;
        }
        if (is_setting(text)) return ShellWord::Role::Setting;
        // Options of the one that runs the command, and their values, which may look like the command.
        const bool after_option = std::exchange(after_option_, after_runner_ && text.starts_with('-'));
        if (after_runner_ && (text.starts_with('-') || is_digit(text.empty() ? '\0' : text.front())))
            return ShellWord::Role::Argument;
        if (!after_option) after_runner_ = at_command_ = runs_its_words(text);
        return text.empty() ? ShellWord::Role::Argument : ShellWord::Role::Command;
    }

    void tell(ShellWord::Role role, const std::string& text, bool quoted) {
        const bool after_c = std::exchange(after_c_, takes_command_line(text));
        words_.push_back({role, text});
        if (!quoted || depth_ >= kMostNested || text.find_first_of(" \t;|&()<>`'\"") == std::string::npos)
            return;
        const bool runs = commands_ && (after_c || text.find("$(") != std::string::npos ||
                                        text.find('`') != std::string::npos);
        LineReader(text, variables_, depth_ + 1, words_).read(runs);
    }

    enum class Redirected : std::uint8_t { No, Read, Anew };

    std::string_view line_;
    const ShellVariables& variables_;
    int depth_;
    std::vector<ShellWord>& words_;
    std::size_t at_ = 0;
    std::string word_;
    bool in_word_ = false;
    bool quoted_ = false;
    bool commands_ = true;
    bool at_command_ = true;     ///< the next word is a command
    bool after_runner_ = false;  ///< since a word that runs others
    bool after_option_ = false;  ///< of such a word
    bool after_c_ = false;
    bool no_file_ = false;
    Redirected redirected_ = Redirected::No;
};

}  // namespace

std::vector<ShellWord> shell_words(std::string_view line, const ShellVariables& variables) {
    std::vector<ShellWord> words;
    LineReader(line, variables, 0, words).read(true);
    return words;
}

}  // namespace relux

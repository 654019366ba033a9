// The words of a line as a POSIX shell would read it: quotes, escapes, variables, separators and
// redirections. Meant for telling what a line names, not for running it: where a shell would need to run
// something to know, more words are told rather than fewer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relux {

struct ShellWord {
    enum class Role : std::uint8_t {
        Command,   ///< the first word of a command, or what `env`, `exec` and the like are to run
        Argument,  ///< any other; also what input is taken from, and output added to
        Output,    ///< the file that `>` writes anew
        Setting,   ///< `NAME=value` before a command
    };
    Role role = Role::Argument;
    std::string text;  ///< without its quotes, variables replaced

    bool operator==(const ShellWord&) const = default;
};

/// The value of a variable; nothing: it is not set.
using ShellVariables = std::function<std::optional<std::string>(std::string_view name)>;

/// `line` is one line without its end; a quote that is open there ends with it. What a quoted word that is a
/// command line itself names (`sh -c '...'`, `"$(...)"`) follows that word.
std::vector<ShellWord> shell_words(std::string_view line, const ShellVariables& variables);

}  // namespace relux

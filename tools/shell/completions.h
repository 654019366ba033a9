// Finds what could stand at the cursor of a command line, from the same declarations as the parser's.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/command_tree.h"

namespace relux::cli {

struct Candidate {
    std::string value;        ///< the whole word, unquoted; a directory ends with `/`
    std::string description;  ///< one line, may be empty
};

/// `words` are those after the program's name, unquoted; the last one is the word at the cursor, up to the
/// cursor, maybe empty. Only candidates that begin with that word. Reads the
/// directories and test files that the words mean, never writes, never fails.
std::vector<Candidate> complete_words(const std::vector<DeclaredCommand>& commands,
                                      const std::vector<std::string>& words);

/// The script that makes a shell ask `relux complete`; `shell` is bash, zsh or fish.
std::string_view completion_script(std::string_view shell);

}  // namespace relux::cli

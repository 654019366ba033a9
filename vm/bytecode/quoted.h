// Bytes as a string literal of the language, for dumps and messages: always one line, always unambiguous.
#pragma once

#include <string>
#include <string_view>

namespace relux::bytecode {

/// `"text"` with `\"`, `\\`, `\n`, `\r`, `\t`, `\e`, `\0` and `\xNN` for other control bytes and invalid
/// UTF-8.
std::string quoted_text(std::string_view bytes);

/// The same escapes between slashes, for regexes: backslashes and quotes stay as they are.
std::string slashed(std::string_view pattern);

}  // namespace relux::bytecode

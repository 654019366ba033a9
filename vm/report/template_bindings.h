// What stood for the variables of a string with interpolations, found from the string as it is written and
// the parts that were joined.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace relux::report {

/// A string literal without its quotes; any other text as it is.
std::string_view template_text(std::string_view source);

/// Name and value of each variable in `text`, in order. `parts` follow each other in the result; neighbours
/// whose values the compiler knew may be one part.
std::vector<std::pair<std::string, std::string>> template_bindings(
    std::string_view text, const std::vector<std::string_view>& parts);

}  // namespace relux::report

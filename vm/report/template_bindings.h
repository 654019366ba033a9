// Finds what stood for the variables of a string with interpolations, from the string as it is written and
// the parts that were joined.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace relux::report {

/// A string literal without its quotes; any other text as it is.
std::string_view template_text(std::string_view source);

/// A variable of a string, or what stands between variables.
struct TemplatePiece {
    bool variable = false;
    std::string text;  ///< the name of a variable, else the text itself
};

std::vector<TemplatePiece> template_pieces(std::string_view text);

/// Name and value of each variable among `pieces`, in order. `parts` follow each other in the result. As many
/// as pieces are their values; else the compiler knew some, and neighbours are one part.
std::vector<std::pair<std::string, std::string>> template_bindings(
    const std::vector<TemplatePiece>& pieces, const std::vector<std::string_view>& parts);

}  // namespace relux::report

// Long texts where there is room for their beginning only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace relux {

/// `text` if it has at most so many bytes; else its beginning, cut between characters, and `…`.
std::string shortened_text(std::string_view text, std::size_t longest);

}  // namespace relux

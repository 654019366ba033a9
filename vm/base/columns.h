// The room that a text takes on a terminal.
#pragma once

#include <cstddef>
#include <string_view>

namespace relux {

/// Columns of what visible() gives: two for a wide character, none for a mark that is drawn over another; one
/// for a byte that is not valid UTF-8.
std::size_t columns_of(std::string_view text);

}  // namespace relux

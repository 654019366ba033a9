// Text by characters: Unicode code points. A byte that is not UTF-8 is a character of its own and stays as it
// is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace relux::data {

/// Bytes of the first `count` characters; of all when there are fewer.
std::size_t bytes_of_characters(std::string_view text, std::size_t count);

enum class Case : bool { Lower, Upper };
/// By Unicode's simple mappings, and `ß` as `SS`.
std::string in_case(std::string_view text, Case wanted);

/// Without Unicode's white space at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace relux::data

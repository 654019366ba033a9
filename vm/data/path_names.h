// Which names a path may have without quotes: the one rule that reading and writing paths share.
#pragma once

#include <algorithm>
#include <string_view>

namespace relux::data {

/// Anything but white space, control characters and what paths or templates give a meaning.
inline bool is_name_character(char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F && std::string_view(".[]*\"'(){},").find(c) == std::string_view::npos;
}

/// `$` at the front would be the document.
inline bool is_plain_name(std::string_view name) {
    return !name.empty() && name.front() != '$' && std::all_of(name.begin(), name.end(), is_name_character);
}

}  // namespace relux::data

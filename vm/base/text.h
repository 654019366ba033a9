// Text as users read it: control bytes made visible, the nearest known name, UTF-8 boundaries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace relux {

/// Control bytes as `\x1b`, `\r`, `\t`; `\n` stays a newline when `keep_newlines`; invalid UTF-8 as `\xNN`,
/// and so the two bytes of C1 controls; bidirectional controls as `\u202e`.
std::string visible(std::string_view bytes, bool keep_newlines);

/// As in URLs: letters, digits and the bytes of `kept` as they are, all others as `%XX`.
std::string percent_encoded(std::string_view bytes, std::string_view kept);

/// The candidate closest to `name` (optimal string alignment), or empty when none is within a third of its
/// length.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

/// Length of the incomplete UTF-8 sequence at the end of `bytes` (0 to 3). Invalid bytes count as complete.
std::size_t incomplete_utf8_tail(std::string_view bytes);

/// Length of the character at the front of `bytes`, which are not empty; 0: it is not valid UTF-8.
std::size_t utf8_character_size(std::string_view bytes);

/// The code point of a character that changes how what follows is shown: U+0080 to U+009F, the C1 controls,
/// which terminals obey as they do escape sequences; U+202A to U+202E and U+2066 to U+2069, by which text is
/// shown in another order than it is written. 0: any other character.
std::uint32_t display_control(std::string_view character);

/// `\u202e`, as JSON and TOML have it, of a code point below U+10000.
std::array<char, 6> code_point_escape(std::uint32_t code_point);

/// Whether no byte is above 127; eight bytes at a time.
bool is_ascii(std::string_view text);

/// Offset of the first byte that is not valid UTF-8, or npos.
std::size_t find_invalid_utf8(std::string_view bytes);

}  // namespace relux

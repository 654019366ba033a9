// UTF-8: which bytes are a character. Nothing else decides that; text.h has more that follows from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace relux {

/// Whether a byte can only stand inside of a character: not at its front, and not in ASCII.
constexpr bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// The second byte of a character decides whether a sequence is overlong, a surrogate or too large.
constexpr bool second_byte_fits(unsigned char first, unsigned char second) {
    switch (first) {
        case 0xE0:
            return second >= 0xA0 && second <= 0xBF;
        case 0xED:
            return second >= 0x80 && second <= 0x9F;
        case 0xF0:
            return second >= 0x90 && second <= 0xBF;
        case 0xF4:
            return second >= 0x80 && second <= 0x8F;
        default:
            return second >= 0x80 && second <= 0xBF;
    }
}

/// What stands at the front of some bytes: a whole character, the beginning of one, or neither (size 1).
/// Overlong forms, surrogates and what is above U+10FFFF are no characters.
struct Utf8Sequence {
    enum class Kind : std::uint8_t { Valid, Incomplete, Invalid } kind;
    std::size_t size;
};
/// `bytes` must not be empty. In the header because it is asked for each character of what shells write.
inline Utf8Sequence first_utf8_sequence(std::string_view bytes) {
    auto first = static_cast<unsigned char>(bytes[0]);
    if (first < 0x80) return {Utf8Sequence::Kind::Valid, 1};
    if (first < 0xC2 || first > 0xF4) return {Utf8Sequence::Kind::Invalid, 1};
    std::size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    for (std::size_t i = 1; i < size; ++i) {
        if (i == bytes.size()) return {Utf8Sequence::Kind::Incomplete, i};
        bool fits = i == 1 ? second_byte_fits(first, static_cast<unsigned char>(bytes[i]))
                           : continues_character(bytes[i]);
        if (!fits) return {Utf8Sequence::Kind::Invalid, 1};
    }
    return {Utf8Sequence::Kind::Valid, size};
}

/// A code point and its bytes; a byte that is not part of UTF-8 is a character of its own.
struct Utf8Character {
    static constexpr std::uint32_t kNone = UINT32_MAX;
    std::uint32_t code_point;  ///< kNone for a byte that is not UTF-8
    std::size_t size;
};
/// `text` must not be empty.
Utf8Character first_character(std::string_view text);
std::size_t count_characters(std::string_view text);

/// Appends the character of a code point, which is no surrogate and at most U+10FFFF.
void append_utf8(std::string& text, std::uint32_t code_point);

}  // namespace relux

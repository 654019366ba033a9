#include "vm/data/characters.h"

#include <algorithm>
#include <utf8proc.h>

namespace relux::data {

namespace {

constexpr utf8proc_int32_t kInvalid = -1;

struct Character {
    utf8proc_int32_t code;  ///< kInvalid for a byte that is not UTF-8
    std::size_t size;
};

/// `text` must not be empty.
Character first_character(std::string_view text) {
    utf8proc_int32_t code = 0;
    auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size(), 4)), &code);
    if (size <= 0) return {kInvalid, 1};
    return {code, static_cast<std::size_t>(size)};
}

void append_character(std::string& out, utf8proc_int32_t code) {
    utf8proc_uint8_t bytes[4];
    auto size = utf8proc_encode_char(code, bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool is_white_space(utf8proc_int32_t code) {
    bool ascii = code == ' ' || (code >= '\t' && code <= '\r');
    bool spaces = (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F;
    return ascii || spaces || code == 0x85 || code == 0xA0 || code == 0x1680 || code == 0x205F ||
           code == 0x3000;
}

/// Bytes of the last character: back over at most three bytes that only continue one.
std::size_t last_character_size(std::string_view text) {
    for (std::size_t size = 1; size <= std::min<std::size_t>(4, text.size()); ++size) {
        if (first_character(text.substr(text.size() - size)).size == size && size > 1) return size;
    }
    return 1;
}

}  // namespace

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count)
        text.remove_prefix(first_character(text).size);
    return count;
}

std::size_t bytes_of_characters(std::string_view text, std::size_t count) {
    auto rest = text;
    for (; count > 0 && !rest.empty(); --count)
        rest.remove_prefix(first_character(rest).size);
    return text.size() - rest.size();
}

std::string in_case(std::string_view text, Case wanted) {
    constexpr utf8proc_int32_t kSharpS = 0xDF;
    std::string mapped;
    mapped.reserve(text.size());
    while (!text.empty()) {
        auto character = first_character(text);
        if (character.code == kInvalid) {
            mapped += text.front();
        } else if (character.code == kSharpS && wanted == Case::Upper) {
            mapped += "SS";
        } else {
            append_character(mapped, wanted == Case::Upper ? utf8proc_toupper(character.code)
                                                           : utf8proc_tolower(character.code));
        }
        text.remove_prefix(character.size);
    }
    return mapped;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty()) {
        auto character = first_character(text);
        if (!is_white_space(character.code)) break;
        text.remove_prefix(character.size);
    }
    while (!text.empty()) {
        auto size = last_character_size(text);
        if (!is_white_space(first_character(text.substr(text.size() - size)).code)) break;
        text.remove_suffix(size);
    }
    return text;
}

}  // namespace relux::data

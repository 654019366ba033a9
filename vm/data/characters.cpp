#include "vm/data/characters.h"

#include <algorithm>
#include <cstdint>
#include <utf8proc.h>

#include "vm/base/utf8.h"

namespace relux::data {

namespace {

bool is_white_space(std::uint32_t code) {
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

std::size_t bytes_of_characters(std::string_view text, std::size_t count) {
    auto rest = text;
    for (; count > 0 && !rest.empty(); --count)
        rest.remove_prefix(first_character(rest).size);
    return text.size() - rest.size();
}

std::string in_case(std::string_view text, Case wanted) {
    constexpr std::uint32_t kSharpS = 0xDF;
    std::string mapped;
    mapped.reserve(text.size());
    while (!text.empty()) {
        auto character = first_character(text);
        if (character.code_point == Utf8Character::kNone) {
            mapped += text.front();
        } else if (character.code_point == kSharpS && wanted == Case::Upper) {
            mapped += "SS";
        } else {
            const auto code_point = static_cast<utf8proc_int32_t>(character.code_point);
            const auto other =
                wanted == Case::Upper ? utf8proc_toupper(code_point) : utf8proc_tolower(code_point);
            append_utf8(mapped, static_cast<std::uint32_t>(other));
        }
        text.remove_prefix(character.size);
    }
    return mapped;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty()) {
        auto character = first_character(text);
        if (!is_white_space(character.code_point)) break;
        text.remove_prefix(character.size);
    }
    while (!text.empty()) {
        auto size = last_character_size(text);
        if (!is_white_space(first_character(text.substr(text.size() - size)).code_point)) break;
        text.remove_suffix(size);
    }
    return text;
}

}  // namespace relux::data

// upper and lower, by Unicode's simple case mappings; what is not valid UTF-8 passes through unchanged.
#include <cstdint>
#include <string>
#include <string_view>
#include <utf8proc.h>

#include "stdlib/natives_pure.h"
#include "vm/base/text.h"

namespace relux::exec {

namespace {

void append_character(std::string& out, utf8proc_int32_t character) {
    utf8proc_uint8_t bytes[4];
    auto length = utf8proc_encode_char(character, bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

template <class Map>
std::string map_characters(std::string_view text, Map map) {
    std::string mapped;
    mapped.reserve(text.size());
    while (!text.empty()) {
        utf8proc_int32_t character = 0;
        auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &character);
        if (length <= 0) {
            mapped += text[0];
            text.remove_prefix(1);
            continue;
        }
        map(mapped, character);
        text.remove_prefix(static_cast<std::size_t>(length));
    }
    return mapped;
}

/// `text` is ASCII; its letters from `first` to 25 after it become those of the other case.
Value other_case(std::string_view text, char first) {
    return Value::made(text.size(), [&](char* end) {
        for (const char byte : text) {
            const bool is_letter = static_cast<unsigned char>(byte - first) < 26;
            *end++ = static_cast<char>(byte ^ (is_letter ? 'a' ^ 'A' : 0));
        }
    });
}

}  // namespace

NativeResult native_upper(NativeCall& call) {
    const auto text = call.arguments[0].view();
    if (is_ascii(text)) return other_case(text, 'a');
    return Value(map_characters(text, [](std::string& out, utf8proc_int32_t character) {
        // The one common letter whose upper case is two letters.
        if (character == 0xdf) {
            out += "SS";
        } else {
            append_character(out, utf8proc_toupper(character));
        }
    }));
}

NativeResult native_lower(NativeCall& call) {
    const auto text = call.arguments[0].view();
    if (is_ascii(text)) return other_case(text, 'A');
    return Value(map_characters(text, [](std::string& out, utf8proc_int32_t character) {
        append_character(out, utf8proc_tolower(character));
    }));
}

}  // namespace relux::exec

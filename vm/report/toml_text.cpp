#include "vm/report/toml_text.h"

#include <array>
#include <cstdio>

#include "vm/base/text.h"

namespace relux::report {

namespace {

void append_escaped_byte(std::string& text, char c) {
    auto byte = static_cast<unsigned char>(c);
    std::array<char, 8> escape{};
    switch (c) {
        case '"':
            text += "\\\"";
            return;
        case '\\':
            text += "\\\\";
            return;
        case '\n':
            text += "\\n";
            return;
        case '\r':
            text += "\\r";
            return;
        case '\t':
            text += "\\t";
            return;
        default:
            break;
    }
    if (byte >= 0x20 && byte != 0x7f) {
        text.push_back(c);
        return;
    }
    std::snprintf(escape.data(), escape.size(), "\\u%04X", byte);
    text += escape.data();
}

}  // namespace

std::string toml_text(std::string_view value) {
    std::string text = "\"";
    while (!value.empty()) {
        auto invalid = find_invalid_utf8(value);
        auto valid = value.substr(0, invalid);
        for (std::size_t i = 0; i < valid.size();) {
            const auto character = valid.substr(i, utf8_character_size(valid.substr(i)));
            if (const auto control = display_control(character); control != 0) {
                const auto escape = code_point_escape(control);
                text.append(escape.data(), escape.size());
            } else if (character.size() == 1) {
                append_escaped_byte(text, valid[i]);
            } else {
                text += character;
            }
            i += character.size();
        }
        value.remove_prefix(valid.size());
        if (value.empty()) break;
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\\\x%02x", static_cast<unsigned char>(value.front()));
        text += escape.data();
        value.remove_prefix(1);
    }
    text += '"';
    return text;
}

}  // namespace relux::report

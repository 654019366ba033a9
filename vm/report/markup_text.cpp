// See markup_text.h.
#include "vm/report/markup_text.h"

#include <array>
#include <cstdio>

#include "vm/base/text.h"

namespace relux::report {

namespace {

void append_hexadecimal(std::string& out, char c) {
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned char>(c));
    out += escape.data();
}

void append_byte(std::string& out, char c, bool one_line) {
    switch (c) {
        case '&':
            out += "&amp;";
            return;
        case '<':
            out += "&lt;";
            return;
        case '>':
            out += "&gt;";
            return;
        case '"':
            out += "&quot;";
            return;
        case '\n':
            out += one_line ? "\\n" : "\n";
            return;
        case '\t':
            out += one_line ? "\\t" : "\t";
            return;
        case '\r':
            out += "\\r";
            return;
        default:
            break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
        append_hexadecimal(out, c);
    } else {
        out.push_back(c);
    }
}

// U+FFFE and U+FFFF are characters of UTF-8 but not of XML.
bool is_forbidden_character(std::string_view text) {
    return text.starts_with("\xef\xbf\xbe") || text.starts_with("\xef\xbf\xbf");
}

std::string markup(std::string_view bytes, bool one_line) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    while (!bytes.empty()) {
        const auto valid = bytes.substr(0, find_invalid_utf8(bytes));
        for (std::size_t i = 0; i < valid.size(); ++i) {
            if (valid[i] == '\r' && i + 1 < valid.size() && valid[i + 1] == '\n') continue;
            if (is_forbidden_character(valid.substr(i))) {
                for (int part = 0; part < 3; ++part)
                    append_hexadecimal(out, valid[i + static_cast<std::size_t>(part)]);
                i += 2;
                continue;
            }
            append_byte(out, valid[i], one_line);
        }
        bytes.remove_prefix(valid.size());
        if (bytes.empty()) break;
        append_hexadecimal(out, bytes.front());
        bytes.remove_prefix(1);
    }
    return out;
}

}  // namespace

std::string markup_text(std::string_view bytes) {
    return markup(bytes, false);
}

std::string markup_line(std::string_view bytes) {
    return markup(bytes, true);
}

}  // namespace relux::report

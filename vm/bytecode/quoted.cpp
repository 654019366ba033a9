// Escapes bytes one by one; valid UTF-8 stays readable.
#include "vm/bytecode/quoted.h"

#include "vm/base/text.h"

namespace relux::bytecode {

namespace {

void append_hex(std::string& out, unsigned char byte) {
    constexpr char kDigits[] = "0123456789abcdef";
    out += "\\x";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
}

void append_control(std::string& out, unsigned char byte) {
    switch (byte) {
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        case 0x1b:
            out += "\\e";
            break;
        case 0:
            out += "\\0";
            break;
        default:
            append_hex(out, byte);
    }
}

/// Appends `bytes` with control bytes and invalid UTF-8 escaped, and a backslash before each byte of
/// `special`.
void append_escaped(std::string& out, std::string_view bytes, std::string_view special) {
    auto invalid = find_invalid_utf8(bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto byte = static_cast<unsigned char>(bytes[i]);
        if (i == invalid) {
            append_hex(out, byte);
            auto next = find_invalid_utf8(bytes.substr(i + 1));
            invalid = next == std::string_view::npos ? next : i + 1 + next;
        } else if (byte < 0x20 || byte == 0x7f) {
            append_control(out, byte);
        } else {
            if (special.find(static_cast<char>(byte)) != std::string_view::npos) out += '\\';
            out += static_cast<char>(byte);
        }
    }
}

}  // namespace

std::string quoted_text(std::string_view bytes) {
    std::string out = "\"";
    append_escaped(out, bytes, "\"\\");
    out += '"';
    return out;
}

std::string slashed(std::string_view pattern) {
    std::string out = "/";
    append_escaped(out, pattern, "");
    out += '/';
    return out;
}

}  // namespace relux::bytecode

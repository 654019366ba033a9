// Built-ins on text: trim, replace, split, len, default. Bytes in, bytes out; only trim looks at characters.
#include <algorithm>
#include <string>
#include <utf8proc.h>

#include "stdlib/natives_pure.h"

namespace relux::exec {

namespace {

/// Unicode's White_Space property.
bool is_white_space(utf8proc_int32_t character) {
    if (character >= 0x09 && character <= 0x0d) return true;
    if (character >= 0x2000 && character <= 0x200a) return true;
    switch (character) {
        case 0x20:
        case 0x85:
        case 0xa0:
        case 0x1680:
        case 0x2028:
        case 0x2029:
        case 0x202f:
        case 0x205f:
        case 0x3000:
            return true;
        default:
            return false;
    }
}

/// Length of the character at the start of `text` when it is white space, else 0. `text` is not empty.
std::size_t white_space_length(std::string_view text) {
    utf8proc_int32_t character = 0;
    auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &character);
    return length > 0 && is_white_space(character) ? static_cast<std::size_t>(length) : 0;
}

/// The same for the character at the end. No white space is longer than three bytes.
std::size_t white_space_tail(std::string_view text) {
    for (std::size_t length = 1; length <= 3 && length <= text.size(); ++length) {
        if (white_space_length(text.substr(text.size() - length)) == length) return length;
    }
    return 0;
}

}  // namespace

bool parse_number(std::string_view text, std::size_t limit, std::size_t& number) {
    if (text.empty()) return false;
    number = 0;
    for (char digit : text) {
        if (digit < '0' || digit > '9') return false;
        auto value = static_cast<std::size_t>(digit - '0');
        number = number > (limit - std::min(limit, value)) / 10 ? limit : number * 10 + value;
    }
    return true;
}

NativeResult native_trim(NativeCall& call) {
    auto text = call.arguments[0].view();
    while (!text.empty()) {
        auto length = white_space_length(text);
        if (length == 0) break;
        text.remove_prefix(length);
    }
    while (!text.empty()) {
        auto length = white_space_tail(text);
        if (length == 0) break;
        text.remove_suffix(length);
    }
    if (text.size() == call.arguments[0].view().size()) return call.arguments[0];
    return Value(text);
}

namespace {

/// Replaces a single byte, which most patterns are.
Value replace_byte(const Value& whole, char from, std::string_view to) {
    const auto text = whole.view();
    const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), from));
    if (count == 0) return whole;
    return Value::made(text.size() - count + count * to.size(), [&](char* end) {
        for (const char byte : text) {
            if (byte == from) {
                end = std::copy(to.begin(), to.end(), end);
            } else {
                *end++ = byte;
            }
        }
    });
}

}  // namespace

NativeResult native_replace(NativeCall& call) {
    auto text = call.arguments[0].view();
    auto from = call.arguments[1].view();
    auto to = call.arguments[2].view();
    // Then what comes of it is no longer than a value may be.
    if (from.size() == 1 && text.size() * to.size() <= Value::kMaximumSize)
        return replace_byte(call.arguments[0], from[0], to);
    auto found = from.empty() ? std::string_view::npos : text.find(from);
    if (found == std::string_view::npos) return call.arguments[0];
    std::size_t count = 0;
    for (auto at = found; at != std::string_view::npos; at = text.find(from, at + from.size()))
        ++count;
    const auto size = text.size() - count * from.size() + count * to.size();
    if (size > Value::kMaximumSize) {
        return Error{"replace: the result is longer than 256 MiB; replace in smaller parts"};
    }
    return Value::made(size, [&](char* end) {
        std::size_t start = 0;
        for (auto at = found; at != std::string_view::npos; at = text.find(from, start)) {
            end = std::copy(text.begin() + start, text.begin() + at, end);
            end = std::copy(to.begin(), to.end(), end);
            start = at + from.size();
        }
        std::copy(text.begin() + start, text.end(), end);
    });
}

NativeResult native_split(NativeCall& call) {
    auto text = call.arguments[0].view();
    auto separator = call.arguments[1].view();
    auto index_text = call.arguments[2].view();
    std::size_t index = 0;
    // No text has more parts than it has bytes, plus one.
    if (!parse_number(index_text, text.size() + 1, index)) {
        return Error{"split: index `" + std::string(index_text) + "` is not a number; parts count from 0"};
    }
    if (separator.empty()) return index == 0 ? call.arguments[0] : Value();
    std::size_t start = 0;
    for (; index > 0; --index) {
        auto found = text.find(separator, start);
        if (found == std::string_view::npos) return Value();
        start = found + separator.size();
    }
    auto end = text.find(separator, start);
    return Value(text.substr(start, end == std::string_view::npos ? end : end - start));
}

NativeResult native_len(NativeCall& call) {
    return Value(std::to_string(call.arguments[0].view().size()));
}

NativeResult native_default_value(NativeCall& call) {
    return call.arguments[call.arguments[0].empty() ? 1 : 0];
}

}  // namespace relux::exec

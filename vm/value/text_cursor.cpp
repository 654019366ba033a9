#include "vm/value/text_cursor.h"

#include <algorithm>
#include <charconv>

#include "vm/base/text.h"
#include "vm/base/utf8.h"

namespace relux::value {

namespace {

constexpr std::string_view escapes = "\\\"'/nrtbf";
constexpr std::string_view escaped = "\\\"'/\n\r\t\b\f";

bool is_surrogate(std::uint32_t code) {
    return code >= 0xD800 && code < 0xE000;
}

}  // namespace

bool is_variable_name(std::string_view text) {
    return !text.empty() && is_name_start(text.front()) &&
           std::all_of(text.begin(), text.end(), is_name_part);
}

void TextCursor::skip_spaces() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n')
        ++at_;
}

bool TextCursor::take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
}

bool TextCursor::take(std::string_view word) {
    if (!rest().starts_with(word)) return false;
    at_ += word.size();
    return true;
}

std::string_view TextCursor::take_name() {
    auto begin = at_;
    if (!done() && is_name_start(peek())) {
        while (!done() && is_name_part(peek()))
            ++at_;
    }
    return since(begin);
}

std::string TextCursor::shown_here() const {
    if (done()) return "the end";
    return "`" + visible(rest().substr(0, first_character(rest()).size), false) + "`";
}

std::optional<TextCursor::Number> TextCursor::take_number() {
    auto begin = at_;
    Number number;
    std::size_t ahead = peek() == '-' ? 1 : 0;
    if (!is_digit(peek(ahead))) return std::nullopt;
    at_ += ahead;
    auto digits = [this] {
        while (is_digit(peek()))
            ++at_;
    };
    digits();
    if (peek() == '.' && is_digit(peek(1))) {
        ++at_;
        digits();
        number.fraction = true;
    }
    std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
        at_ += 1 + sign;
        digits();
        number.fraction = true;
    }
    number.text = since(begin);
    return number;
}

TextCursor::StringEnd TextCursor::take_string(std::string& value) {
    char quote = peek();
    ++at_;
    while (!done()) {
        char c = peek();
        if (c == quote) {
            ++at_;
            return StringEnd::Closed;
        }
        if (c != '\\') {
            value += c;
            ++at_;
        } else if (!take_escape(value)) {
            return at_ + 1 >= text_.size() ? StringEnd::Open : StringEnd::BadEscape;
        }
    }
    return StringEnd::Open;
}

bool TextCursor::take_escape(std::string& value) {
    if (peek(1) == 'u') {
        auto begin = at_;
        auto code = take_hex();
        if (code && *code >= 0xD800 && *code < 0xDC00) {
            auto low = take_hex();
            bool pair = low && *low >= 0xDC00 && *low < 0xE000;
            code = pair ? std::optional(0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00)) : std::nullopt;
        }
        if (!code || is_surrogate(*code)) {
            at_ = begin;
            return false;
        }
        append_utf8(value, *code);
        return true;
    }
    auto known = at_ + 1 < text_.size() ? escapes.find(peek(1)) : std::string_view::npos;
    if (known == std::string_view::npos) return false;
    value += escaped[known];
    at_ += 2;
    return true;
}

std::optional<std::uint32_t> TextCursor::take_hex() {
    if (peek() != '\\' || peek(1) != 'u' || at_ + 6 > text_.size()) return std::nullopt;
    std::uint32_t code = 0;
    const auto* begin = text_.data() + at_ + 2;
    auto parsed = std::from_chars(begin, begin + 4, code, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != begin + 4) return std::nullopt;
    at_ += 6;
    return code;
}

std::optional<std::int64_t> to_integer(std::string_view text) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return number;
}

std::string quoted_text(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        const auto known = c == '\'' || c == '/' ? std::string_view::npos : escaped.find(c);
        if (known != std::string_view::npos) {
            quoted += {'\\', escapes[known]};
        } else if (static_cast<unsigned char>(c) < 0x20) {
            const auto escape = code_point_escape(static_cast<unsigned char>(c));
            quoted.append(escape.data(), escape.size());
        } else {
            quoted += c;
        }
    }
    return quoted + "\"";
}

}  // namespace relux::value

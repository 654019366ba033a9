// Independent of locale: numbers are put together from integers and std::to_chars.
#include "vm/report/json_writer.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "vm/base/assert.h"
#include "vm/base/text.h"

namespace relux::report {

namespace {

/// What stands for itself in a text of JSON: all but control characters, quotation mark and backslash.
constexpr std::array<bool, 256> plain_bytes() {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < plain.size(); ++byte)
        plain[byte] = byte != '"' && byte != '\\' && byte != 0x7f;
    return plain;
}
constexpr auto kPlain = plain_bytes();

template <class Sink>
void write_escaped(Sink& file, char c) {
    switch (c) {
        case '"':
            return file.write("\\\"");
        case '\\':
            return file.write("\\\\");
        case '\n':
            return file.write("\\n");
        case '\r':
            return file.write("\\r");
        case '\t':
            return file.write("\\t");
        default:
            break;
    }
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned char>(c));
    file.write(escape.data());
}

/// UTF-8. Most of it is written in long pieces as it is.
template <class Sink>
void write_valid(Sink& file, std::string_view text) {
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = begin;
        while (end < text.size() && kPlain[static_cast<unsigned char>(text[end])])
            ++end;
        file.write(text.substr(begin, end - begin));
        if (end < text.size()) write_escaped(file, text[end]);
        begin = end + 1;
    }
}

}  // namespace

template <class Sink>
void BasicJsonWriter<Sink>::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (!has_members_.empty()) {
        if (has_members_.back()) file_.write(",");
        has_members_.back() = true;
    }
    if (new_line_) file_.write("\n");
    new_line_ = false;
}

template <class Sink>
void BasicJsonWriter<Sink>::open(char bracket) {
    separate();
    file_.write(std::string_view(&bracket, 1));
    has_members_.push_back(false);
}

template <class Sink>
void BasicJsonWriter<Sink>::close(char bracket) {
    RELUX_ASSERT(!has_members_.empty(), "containers nest");
    has_members_.pop_back();
    if (new_line_) file_.write("\n");
    new_line_ = false;
    file_.write(std::string_view(&bracket, 1));
}

template <class Sink>
void BasicJsonWriter<Sink>::begin_object() {
    open('{');
}
template <class Sink>
void BasicJsonWriter<Sink>::end_object() {
    close('}');
}
template <class Sink>
void BasicJsonWriter<Sink>::begin_array() {
    open('[');
}
template <class Sink>
void BasicJsonWriter<Sink>::end_array() {
    close(']');
}

template <class Sink>
void BasicJsonWriter<Sink>::key(std::string_view name) {
    text(name);
    file_.write(":");
    after_key_ = true;
}

template <class Sink>
void BasicJsonWriter<Sink>::text(std::string_view value) {
    separate();
    file_.write("\"");
    while (!value.empty()) {
        const auto valid = value.substr(0, find_invalid_utf8(value));
        write_valid(file_, valid);
        value.remove_prefix(valid.size());
        if (value.empty()) break;
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\\\x%02x", static_cast<unsigned char>(value.front()));
        file_.write(escape.data());
        value.remove_prefix(1);
    }
    file_.write("\"");
}

template <class Sink>
void BasicJsonWriter<Sink>::number(std::int64_t value) {
    separate();
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    file_.write(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

template <class Sink>
void BasicJsonWriter<Sink>::real(double value) {
    separate();
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    file_.write(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

template <class Sink>
void BasicJsonWriter<Sink>::milliseconds(Duration value) {
    fraction(value.count(), 1'000'000);
}

template <class Sink>
void BasicJsonWriter<Sink>::microseconds(Duration value) {
    fraction(value.count(), 1'000);
}

template <class Sink>
void BasicJsonWriter<Sink>::fraction(std::int64_t count, std::int64_t unit) {
    separate();
    if (count < 0) count = 0;
    std::array<char, 40> digits{};
    auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), count / unit).ptr;
    *end++ = '.';
    auto rest = count % unit;
    // Without zeros at the end, but for one.
    do {
        unit /= 10;
        *end++ = static_cast<char>('0' + rest / unit);
        rest %= unit;
    } while (rest > 0);
    file_.write(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

template <class Sink>
void BasicJsonWriter<Sink>::flag(bool value) {
    separate();
    file_.write(value ? "true" : "false");
}

template <class Sink>
void BasicJsonWriter<Sink>::null() {
    separate();
    file_.write("null");
}

template class BasicJsonWriter<ReportFile>;
template class BasicJsonWriter<TextBuffer>;

}  // namespace relux::report

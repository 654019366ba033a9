// Independent of locale: numbers are put together from integers and std::to_chars.
#include "vm/report/json_writer.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "vm/base/assert.h"
#include "vm/base/text.h"

namespace relux::report {

namespace {

void append_byte(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
        out.push_back(c);
        return;
    }
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
    out += escape.data();
}

}  // namespace

void JsonWriter::separate() {
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

void JsonWriter::open(char bracket) {
    separate();
    file_.write(std::string_view(&bracket, 1));
    has_members_.push_back(false);
}

void JsonWriter::close(char bracket) {
    RELUX_ASSERT(!has_members_.empty(), "containers nest");
    has_members_.pop_back();
    if (new_line_) file_.write("\n");
    new_line_ = false;
    file_.write(std::string_view(&bracket, 1));
}

void JsonWriter::begin_object() {
    open('{');
}
void JsonWriter::end_object() {
    close('}');
}
void JsonWriter::begin_array() {
    open('[');
}
void JsonWriter::end_array() {
    close(']');
}

void JsonWriter::key(std::string_view name) {
    text(name);
    file_.write(":");
    after_key_ = true;
}

void JsonWriter::text(std::string_view value) {
    separate();
    std::string out = "\"";
    out.reserve(value.size() + 16);
    while (!value.empty()) {
        const auto valid = value.substr(0, find_invalid_utf8(value));
        for (const char c : valid)
            append_byte(out, c);
        value.remove_prefix(valid.size());
        if (value.empty()) break;
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\\\x%02x", static_cast<unsigned char>(value.front()));
        out += escape.data();
        value.remove_prefix(1);
    }
    out += '"';
    file_.write(out);
}

void JsonWriter::number(std::int64_t value) {
    separate();
    file_.write(std::to_string(value));
}

void JsonWriter::real(double value) {
    separate();
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    file_.write(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

void JsonWriter::milliseconds(Duration value) {
    separate();
    const auto count = value.count() < 0 ? 0 : value.count();
    std::array<char, 40> digits{};
    std::snprintf(digits.data(), digits.size(), "%lld.%06lld", static_cast<long long>(count / 1'000'000),
                  static_cast<long long>(count % 1'000'000));
    std::string_view written(digits.data());
    while (written.ends_with('0') && !written.ends_with(".0"))
        written.remove_suffix(1);
    file_.write(written);
}

void JsonWriter::flag(bool value) {
    separate();
    file_.write(value ? "true" : "false");
}

void JsonWriter::null() {
    separate();
    file_.write("null");
}

}  // namespace relux::report

// Independent of locale: numbers are put together from integers and std::to_chars.
#include "vm/report/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "vm/base/assert.h"
#include "vm/base/plain_run.h"
#include "vm/base/text.h"

namespace relux::report {

namespace {

constexpr std::string_view kHexadecimal = "0123456789abcdef";

/// A new line and the indentation of the deepest one.
constexpr auto kLineBeginning = [] {
    std::array<char, 256> line{};
    line.fill(' ');
    line[0] = '\n';
    return line;
}();

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
    const auto byte = static_cast<unsigned char>(c);
    const char escape[] = {'\\', 'u', '0', '0', kHexadecimal[byte >> 4], kHexadecimal[byte & 15]};
    file.write(std::string_view(escape, sizeof escape));
}

/// A byte that is not UTF-8, as four characters that say which.
template <class Sink>
void write_invalid(Sink& file, char c) {
    const auto byte = static_cast<unsigned char>(c);
    const char escape[] = {'\\', '\\', 'x', kHexadecimal[byte >> 4], kHexadecimal[byte & 15]};
    file.write(std::string_view(escape, sizeof escape));
}

/// `rest`, below `kUnit`, as what comes behind the point: without zeros at the end, but for one.
template <std::int64_t kUnit>
char* append_decimals(char* end, std::int64_t rest) {
    constexpr int kDigits = kUnit == 1'000'000 ? 6 : 3;
    static_assert(kUnit == 1'000'000 || kUnit == 1'000);
    auto digits = static_cast<std::uint32_t>(rest);
    int last = 1;
    for (int i = kDigits; i > 0; --i) {
        const auto digit = digits % 10;
        digits /= 10;
        end[i - 1] = static_cast<char>('0' + digit);
        if (digit != 0 && i > last) last = i;
    }
    return end + last;
}

/// At most 24 characters: `count` parts of which `kUnit` are one; what is below zero is zero.
template <std::int64_t kUnit>
char* put_fraction(char* begin, std::int64_t count) {
    constexpr std::size_t kMostDigits = 20;
    count = std::max<std::int64_t>(count, 0);
    char* end = std::to_chars(begin, begin + kMostDigits, count / kUnit).ptr;
    *end++ = '.';
    return append_decimals<kUnit>(end, count % kUnit);
}

}  // namespace

void RecentNumber::write(std::int64_t value) {
    const auto end = std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr;
    size_ = static_cast<std::size_t>(end - text_.data());
}

template <class Sink>
void BasicJsonWriter<Sink>::begin_line() {
    const auto spaces = 2 * static_cast<std::size_t>(indentation_ + depth_);
    RELUX_ASSERT(spaces < kLineBeginning.size(), "no report is that deep");
    file_.write(std::string_view(kLineBeginning.data(), 1 + spaces));
}

template <class Sink>
void BasicJsonWriter<Sink>::open(char bracket) {
    separate();
    file_.write(bracket);
    RELUX_ASSERT(++depth_ < kMostDepth, "no report is that deep");
    has_members_ <<= 1;
}

template <class Sink>
void BasicJsonWriter<Sink>::close(char bracket) {
    RELUX_ASSERT(--depth_ >= 0, "containers nest");
    if (indentation_ != kCompact && (has_members_ & 1) != 0) begin_line();
    has_members_ >>= 1;
    if (new_line_) file_.write('\n');
    new_line_ = false;
    file_.write(bracket);
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
    separate();
    quoted_text(name);
    file_.write(indentation_ == kCompact ? ":" : ": ");
    after_key_ = true;
}

template <class Sink>
void BasicJsonWriter<Sink>::text(std::string_view value) {
    separate();
    quoted_text(value);
}

template <class Sink>
void BasicJsonWriter<Sink>::quoted_text(std::string_view value) {
    if (constexpr std::size_t kShort = 256; value.size() <= kShort) {
        char* const begin = file_.room(value.size() + 2);
        *begin = '"';
        const bool plain = copy_if_plain<'"', '\\'>(value, begin + 1);
        begin[value.size() + 1] = '"';
        file_.filled(plain ? begin + value.size() + 2 : begin);
        if (plain) return;
    }
    file_.write('"');
    for (;;) {
        const auto plain = plain_run<'"', '\\'>(value);
        file_.write(value.substr(0, plain));
        if (plain == value.size()) break;
        value.remove_prefix(plain);
        std::size_t size = 1;
        if (static_cast<unsigned char>(value.front()) < 0x80) {
            write_escaped(file_, value.front());
        } else if (size = utf8_character_size(value); size != 0) {
            const auto character = value.substr(0, size);
            if (const auto control = display_control(character); control != 0) {
                // The same data, and no editor or terminal obeys it.
                const auto escape = code_point_escape(control);
                file_.write(std::string_view(escape.data(), escape.size()));
            } else {
                file_.write(character);
            }
        } else {
            write_invalid(file_, value.front());
            size = 1;
        }
        value.remove_prefix(size);
    }
    file_.write('"');
}

template <class Sink>
void BasicJsonWriter<Sink>::number(std::int64_t value) {
    separate();
    constexpr std::size_t kMostDigits = 24;
    char* const begin = file_.room(kMostDigits);
    file_.filled(std::to_chars(begin, begin + kMostDigits, value).ptr);
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
    separate();
    if (value.count() != last_time_) {
        last_time_ = value.count();
        last_time_size_ = static_cast<std::size_t>(
            put_fraction<1'000'000>(last_time_text_.data(), last_time_) - last_time_text_.data());
    }
    // All of the array, whose size the compiler knows, is copied faster.
    char* const begin = file_.room(last_time_text_.size());
    std::memcpy(begin, last_time_text_.data(), last_time_text_.size());
    file_.filled(begin + last_time_size_);
}

template <class Sink>
void BasicJsonWriter<Sink>::microseconds(Duration value) {
    separate();
    constexpr std::size_t kMost = 32;
    file_.filled(put_fraction<1'000>(file_.room(kMost), value.count()));
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

std::shared_ptr<const std::string> QuotedText::of(std::string_view text) {
    const std::lock_guard lock(mutex_);
    const bool same = text.data() == text_.data() && text.size() == text_.size();
    if (same && json_) return json_;
    TextBuffer quoted;
    quoted.text.reserve(text.size() + text.size() / 8);
    BasicJsonWriter<TextBuffer>(quoted).text(text);
    text_ = text;
    json_ = std::make_shared<const std::string>(std::move(quoted.text));
    return json_;
}

}  // namespace relux::report

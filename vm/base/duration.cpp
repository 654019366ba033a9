#include "vm/base/duration.h"

#include <array>
#include <cstdio>
#include <limits>
#include <optional>

namespace relux {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
};

// Largest first: format_duration writes them in this order.
constexpr std::array<Unit, 7> kUnits{{
    {"d", 86'400'000'000'000},
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
}};

constexpr std::int64_t kMaximum = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

Error too_long() {
    return Error{"duration is too long: at most about 292 years", 0};
}

std::string quoted_text(std::string_view text) {
    return "`" + std::string(text) + "`";
}

/// Takes the digits off the front; nothing on overflow.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t number = 0;
    while (!text.empty() && is_digit(text.front())) {
        int digit = text.front() - '0';
        if (number > (kMaximum - digit) / 10) return std::nullopt;
        number = number * 10 + digit;
        text.remove_prefix(1);
    }
    return number;
}

/// Takes everything up to the next digit or space off the front.
std::string_view take_unit(std::string_view& text) {
    std::size_t size = 0;
    while (size < text.size() && !is_digit(text[size]) && text[size] != ' ')
        ++size;
    auto unit = text.substr(0, size);
    text.remove_prefix(size);
    return unit;
}

/// `1.5s` in the largest unit that has it as a whole number: `1500ms`. `rest` is what stands behind the
/// point; empty: there is none.
std::string without_fraction(std::int64_t number, std::string_view rest) {
    constexpr std::size_t kMostDigits = 9;
    std::int64_t numerator = 0;
    std::int64_t denominator = 1;
    std::size_t digits = 0;
    for (; digits < rest.size() && digits < kMostDigits && is_digit(rest[digits]); ++digits) {
        numerator = numerator * 10 + (rest[digits] - '0');
        denominator *= 10;
    }
    const auto name = rest.substr(digits);
    const auto unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& each) { return each.name == name; });
    constexpr std::int64_t kMostWhole = 1'000;
    if (digits == 0 || unit == kUnits.end() || number > kMostWhole) return {};
    const std::int64_t whole = unit->nanoseconds / denominator * numerator;
    if (unit->nanoseconds % denominator != 0) return {};
    const std::int64_t nanoseconds = number * unit->nanoseconds + whole;
    for (const auto& each : kUnits) {
        if (nanoseconds % each.nanoseconds == 0)
            return std::to_string(nanoseconds / each.nanoseconds) + std::string(each.name);
    }
    return {};
}

/// One number-unit pair, in nanoseconds.
Result<std::int64_t> take_pair(std::string_view& text) {
    if (!is_digit(text.front())) {
        auto unit = take_unit(text);
        return Error{"missing number before " + quoted_text(unit.empty() ? text.substr(0, 1) : unit), 0};
    }
    auto digits = text;
    auto number = take_number(text);
    if (!number) return too_long();
    digits.remove_suffix(text.size());
    auto name = take_unit(text);
    if (name.empty()) {
        return Error{"missing unit after " + quoted_text(digits) + ": use ns, us, ms, s, m, h or d", 0};
    }
    for (const auto& unit : kUnits) {
        if (unit.name != name) continue;
        if (*number > kMaximum / unit.nanoseconds) return too_long();
        return *number * unit.nanoseconds;
    }
    if (const auto whole = name == "." ? without_fraction(*number, text) : std::string(); !whole.empty())
        return Error{"durations have no fractions: write " + whole, 0};
    return Error{"unknown unit " + quoted_text(name) + ": use ns, us, ms, s, m, h or d", 0};
}

std::string print(const char* format, double value) {
    std::array<char, 64> text{};
    int size = std::snprintf(text.data(), text.size(), format, value);
    return std::string(text.data(), static_cast<std::size_t>(size));
}

std::string two_digits(std::int64_t value) {
    auto text = std::to_string(value);
    return text.size() < 2 ? "0" + text : text;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text, bool allow_spaces) {
    if (text.empty()) return Error{"missing duration, for example `250ms` or `1m30s`", 0};
    std::int64_t total = 0;
    while (!text.empty()) {
        auto pair = take_pair(text);
        if (!pair) return pair.error();
        if (total > kMaximum - *pair) return too_long();
        total += *pair;
        if (text.empty() || text.front() != ' ') continue;
        if (!allow_spaces) return Error{"a duration is written without spaces, for example `1m30s`", 0};
        auto next = text.find_first_not_of(' ');
        if (next == std::string_view::npos) return Error{"a duration does not end in a space", 0};
        text.remove_prefix(next);
    }
    if (total == 0) return Error{"a duration must be longer than zero", 0};
    return Duration(total);
}

std::string format_duration(Duration duration) {
    auto rest = duration.count();
    if (rest == 0) return "0s";
    std::string text = rest < 0 ? "-" : "";
    for (const auto& unit : kUnits) {
        auto count = rest / unit.nanoseconds;
        rest %= unit.nanoseconds;
        if (count == 0) continue;
        text += std::to_string(count < 0 ? -count : count);
        text += unit.name;
    }
    return text;
}

std::string describe_duration(Duration duration) {
    constexpr std::int64_t kMinute = 60'000'000'000;
    const auto count = duration.count();
    const auto size = count < 0 ? -count : count;
    if (size >= kMinute) return format_duration(Duration(count - count % 1'000'000'000));
    for (const auto& unit : kUnits) {
        if (size < unit.nanoseconds) continue;
        auto number = print("%.3f", static_cast<double>(count) / static_cast<double>(unit.nanoseconds));
        number.erase(number.find_last_not_of('0') + 1);
        if (number.back() == '.') number.pop_back();
        return number + std::string(unit.name);
    }
    return "0s";
}

std::string describe_measured(Duration duration) {
    const Duration step = std::chrono::milliseconds(duration < std::chrono::seconds(1) ? 1 : 100);
    return describe_duration((duration + step / 2) / step * step);
}

std::string format_elapsed(Duration duration) {
    // The unit is chosen after rounding, so that "1000.0 ms" and "60.0 s" never appear.
    auto nanoseconds = duration.count() < 0 ? 0 : duration.count();
    if (nanoseconds < 999'950'000) return print("%.1f ms", static_cast<double>(nanoseconds) / 1e6);
    if (nanoseconds < 59'950'000'000) return print("%.1f s", static_cast<double>(nanoseconds) / 1e9);
    auto seconds = nanoseconds / 1'000'000'000 + (nanoseconds % 1'000'000'000 >= 500'000'000 ? 1 : 0);
    auto tail = two_digits(seconds % 60) + "s";
    auto minutes = seconds / 60;
    if (minutes < 60) return std::to_string(minutes) + "m " + tail;
    return std::to_string(minutes / 60) + "h " + two_digits(minutes % 60) + "m " + tail;
}

}  // namespace relux

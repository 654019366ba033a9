#include "vm/data/number.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace relux::data {

namespace {

constexpr Wide kSmallest = std::numeric_limits<std::int64_t>::min();
constexpr Wide kLargest = std::numeric_limits<std::uint64_t>::max();

Error out_of_range() {
    return Error{"out of range"};
}

Result<Number> read_whole(std::string_view digits, bool negative) {
    std::uint64_t magnitude = 0;
    auto read = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
    if (read.ec != std::errc()) return out_of_range();
    Number number = negative ? -static_cast<Wide>(magnitude) : static_cast<Wide>(magnitude);
    if (!is_representable(number)) return out_of_range();
    return number;
}

/// `text` is known to be a decimal.
Result<Number> read_decimal(std::string_view text) {
    bool negative = text.front() == '-';
    if (negative || text.front() == '+') text.remove_prefix(1);
    if (text.find_first_of(".eE") == std::string_view::npos) return read_whole(text, negative);
    double magnitude = 0;
    auto read = std::from_chars(text.data(), text.data() + text.size(), magnitude);
    // A number that is too small for a double is 0 to it.
    bool too_small = read.ec == std::errc::result_out_of_range && text.find('-') != std::string_view::npos;
    if (too_small) return Number(0.0);
    if (read.ec != std::errc()) return out_of_range();
    return Number(negative ? -magnitude : magnitude);
}

}  // namespace

Result<Number> number_of(const Json& value) {
    if (const auto* number = value.get_ptr<const Json::number_unsigned_t*>()) return Number(Wide(*number));
    if (const auto* whole = value.get_ptr<const Json::number_integer_t*>()) return Number(Wide(*whole));
    if (const auto* fraction = value.get_ptr<const Json::number_float_t*>()) {
        if (!std::isfinite(*fraction)) return out_of_range();
        return Number(*fraction);
    }
    const auto* text = text_of(value);
    if (text == nullptr || !Decimal::read(*text)) return Error{};
    return read_decimal(*text);
}

bool is_representable(const Number& number) {
    if (const auto* whole = std::get_if<Wide>(&number)) return *whole >= kSmallest && *whole <= kLargest;
    return std::isfinite(std::get<double>(number));
}

Json to_json(const Number& number) {
    RELUX_ASSERT(is_representable(number), "a number that no value can hold");
    const auto* whole = std::get_if<Wide>(&number);
    if (whole == nullptr) return Json(std::get<double>(number));
    if (*whole > std::numeric_limits<std::int64_t>::max()) return Json(static_cast<std::uint64_t>(*whole));
    return Json(static_cast<std::int64_t>(*whole));
}

double as_double(const Number& number) {
    const auto* whole = std::get_if<Wide>(&number);
    return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(number);
}

std::strong_ordering compare(const Number& left, const Number& right) {
    const auto* left_whole = std::get_if<Wide>(&left);
    const auto* right_whole = std::get_if<Wide>(&right);
    if (left_whole != nullptr && right_whole != nullptr) {
        if (*left_whole == *right_whole) return std::strong_ordering::equal;
        return *left_whole < *right_whole ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    auto decimal = [](const Number& number) { return decimal_of(to_json(number)).value_or(Decimal()); };
    return compare(decimal(left), decimal(right));
}

Number whole_if_fits(double number) {
    // 2^63 is a double, 2^63 - 1 is not.
    constexpr double kLimit = 9223372036854775808.0;
    if (number >= -kLimit && number < kLimit && std::trunc(number) == number)
        return static_cast<Wide>(number);
    return number;
}

std::optional<Decimal> decimal_of(const Json& value) {
    if (const auto* text = text_of(value)) return Decimal::read(*text);
    if (const auto* number = value.get_ptr<const Json::number_unsigned_t*>())
        return Decimal::read(std::to_string(*number));
    if (const auto* whole = value.get_ptr<const Json::number_integer_t*>())
        return Decimal::read(std::to_string(*whole));
    const auto* fraction = value.get_ptr<const Json::number_float_t*>();
    // Infinity and not-a-number have no digits; to_chars writes words for them.
    if (fraction == nullptr || !(*fraction - *fraction == 0)) return std::nullopt;
    return Decimal::of(*fraction);
}

}  // namespace relux::data

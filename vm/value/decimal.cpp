#include "vm/value/decimal.h"

#include <charconv>

namespace relux::value {

namespace {

/// With more digits an exponent could overflow in a sum; nobody writes such numbers.
constexpr std::size_t kExponentDigits = 9;
// JavaScript's and Go's borders, which is what services write into JSON.
constexpr std::int64_t kPlainFrom = -5;
constexpr std::int64_t kPlainTo = 21;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool take_sign(std::string_view& text) {
    if (text.empty() || (text.front() != '-' && text.front() != '+')) return false;
    bool negative = text.front() == '-';
    text.remove_prefix(1);
    return negative;
}

std::string_view take_digits(std::string_view& text) {
    std::size_t size = 0;
    while (size < text.size() && is_digit(text[size]))
        ++size;
    auto digits = text.substr(0, size);
    text.remove_prefix(size);
    return digits;
}

/// `e5`, `E-05` and so on up to the end of the text; 0 when there is nothing.
std::optional<std::int64_t> read_exponent(std::string_view text) {
    if (text.empty()) return 0;
    if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
    text.remove_prefix(1);
    bool negative = take_sign(text);
    auto digits = take_digits(text);
    if (digits.empty() || digits.size() > kExponentDigits || !text.empty()) return std::nullopt;
    std::int64_t exponent = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    return negative ? -exponent : exponent;
}

}  // namespace

std::optional<Decimal> Decimal::read(std::string_view text) {
    Decimal number;
    number.negative_ = take_sign(text);
    auto whole = take_digits(text);
    std::string_view fraction;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        fraction = take_digits(text);
    }
    if (whole.empty() && fraction.empty()) return std::nullopt;
    auto exponent = read_exponent(text);
    if (!exponent) return std::nullopt;
    number.digits_.reserve(whole.size() + fraction.size());
    number.digits_ += whole;
    number.digits_ += fraction;
    number.exponent_ = static_cast<std::int64_t>(whole.size()) + *exponent;
    number.normalise();
    return number;
}

Decimal Decimal::of(double number) {
    char buffer[32];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
    return read(std::string_view(buffer, static_cast<std::size_t>(end - buffer))).value_or(Decimal());
}

void Decimal::normalise() {
    auto first = digits_.find_first_not_of('0');
    if (first == std::string::npos) {
        *this = Decimal();
        return;
    }
    digits_.erase(digits_.find_last_not_of('0') + 1);
    digits_.erase(0, first);
    exponent_ -= static_cast<std::int64_t>(first);
}

Decimal Decimal::rounded(std::int64_t places) const {
    auto kept = exponent_ + places;
    if (kept >= static_cast<std::int64_t>(digits_.size())) return *this;
    if (kept < 0) return Decimal();
    auto size = static_cast<std::size_t>(kept);
    bool up = digits_[size] >= '5';
    Decimal number = *this;
    number.digits_.resize(size);
    if (up) {
        while (!number.digits_.empty() && number.digits_.back() == '9')
            number.digits_.pop_back();
        if (number.digits_.empty()) {
            number.digits_ = "1";
            ++number.exponent_;
        } else {
            ++number.digits_.back();
        }
    }
    number.normalise();
    return number;
}

std::string Decimal::plain_text() const {
    if (exponent_ <= 0) return "0." + std::string(static_cast<std::size_t>(-exponent_), '0') + digits_;
    auto point = static_cast<std::size_t>(exponent_);
    if (point >= digits_.size()) return digits_ + std::string(point - digits_.size(), '0');
    return digits_.substr(0, point) + "." + digits_.substr(point);
}

std::string Decimal::text() const {
    if (digits_.empty()) return "0";
    std::string sign = negative_ ? "-" : "";
    if (exponent_ >= kPlainFrom && exponent_ <= kPlainTo) return sign + plain_text();
    auto text = sign + digits_.substr(0, 1);
    if (digits_.size() > 1) text += "." + digits_.substr(1);
    return text + (exponent_ > 0 ? "e+" : "e") + std::to_string(exponent_ - 1);
}

std::strong_ordering compare(const Decimal& left, const Decimal& right) {
    auto sign = [](const Decimal& number) { return number.digits_.empty() ? 0 : number.negative_ ? -1 : 1; };
    if (sign(left) != sign(right)) return sign(left) <=> sign(right);
    if (sign(left) == 0) return std::strong_ordering::equal;
    auto by_size = left.exponent_ != right.exponent_ ? left.exponent_ <=> right.exponent_
                                                     : left.digits_.compare(right.digits_) <=> 0;
    return left.negative_ ? 0 <=> by_size : by_size;
}

}  // namespace relux::value

// YAML 1.2's core schema: what a plain scalar means, and how messages name it.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <type_traits>

#include "frontend/workflow/yaml.h"

namespace relux::workflow {

namespace {

constexpr auto too_large = "the integer does not fit into 64 bits; quote it to make it a string";
constexpr auto not_finite = "JSON has no such number; quote it to make it a string";

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array<std::string_view, 5> null_words{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 3> true_words{"true", "True", "TRUE"};
constexpr std::array<std::string_view, 3> false_words{"false", "False", "FALSE"};
constexpr std::array<std::string_view, 3> infinity_words{".inf", ".Inf", ".INF"};
constexpr std::array<std::string_view, 3> nan_words{".nan", ".NaN", ".NAN"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t take_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at]))
        ++at;
    return at;
}

bool is_sign(char c) {
    return c == '+' || c == '-';
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; `fraction` tells whether a point or exponent is
/// there.
bool is_number(std::string_view text, bool& fraction) {
    std::size_t at = !text.empty() && is_sign(text[0]) ? 1 : 0;
    auto whole_end = take_digits(text, at);
    bool whole = whole_end > at;
    at = whole_end;
    fraction = false;
    if (at < text.size() && text[at] == '.') {
        auto end = take_digits(text, at + 1);
        if (!whole && end == at + 1) return false;
        at = end;
        fraction = true;
    } else if (!whole) {
        return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && is_sign(text[at])) ++at;
        auto end = take_digits(text, at);
        if (end == at) return false;
        at = end;
        fraction = true;
    }
    return at == text.size();
}

/// Digits of a base, with an optional minus.
const char* integer(std::string_view digits, int base, Scalar& value) {
    const auto* end = digits.data() + digits.size();
    std::int64_t number = 0;
    auto parsed = std::from_chars(digits.data(), end, number, base);
    if (parsed.ec == std::errc{} && parsed.ptr == end) {
        value = number;
        return nullptr;
    }
    std::uint64_t large = 0;
    parsed = std::from_chars(digits.data(), end, large, base);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return too_large;
    value = large;
    return nullptr;
}

/// `0o17` and `0x1F`; nothing when it is neither.
std::optional<const char*> prefixed_integer(std::string_view text, Scalar& value) {
    if (text.size() < 3 || text[0] != '0' || (text[1] != 'o' && text[1] != 'x')) return std::nullopt;
    auto digits = text.substr(2);
    auto known = text[1] == 'o' ? std::string_view("01234567") : std::string_view("0123456789abcdefABCDEF");
    if (digits.find_first_not_of(known) != std::string_view::npos) return std::nullopt;
    return integer(digits, text[1] == 'o' ? 8 : 16, value);
}

const char* real(std::string_view text, Scalar& value) {
    double number = 0;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    // Too small to hold is zero; too large is no number of JSON.
    if (parsed.ec == std::errc::result_out_of_range)
        number = text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos
                     ? 0.0
                     : HUGE_VAL;
    if (!std::isfinite(number)) return not_finite;
    value = number;
    return nullptr;
}

}  // namespace

const char* core_scalar(std::string_view text, Scalar& value) {
    if (one_of(text, null_words)) {
        value = std::monostate{};
        return nullptr;
    }
    if (one_of(text, true_words) || one_of(text, false_words)) {
        value = text[0] == 't' || text[0] == 'T';
        return nullptr;
    }
    if (auto fault = prefixed_integer(text, value)) return *fault;
    bool fraction = false;
    if (is_number(text, fraction)) {
        auto digits = text[0] == '+' ? text.substr(1) : text;
        return fraction ? real(digits, value) : integer(digits, 10, value);
    }
    value = std::string(text);
    auto unsigned_text = !text.empty() && is_sign(text[0]) ? text.substr(1) : text;
    if (one_of(unsigned_text, infinity_words) || one_of(text, nan_words)) return not_finite;
    return nullptr;
}

const Node* Node::find(std::string_view key) const {
    for (const auto& entry : entries) {
        if (entry.key.text == key) return &entry.value;
    }
    return nullptr;
}

std::string describe(const Node& node) {
    if (node.is_map()) return "a map";
    if (node.is_list()) return "a list";
    struct Describer {
        const std::string& text;
        std::string operator()(std::monostate) const { return "nothing"; }
        std::string operator()(bool) const { return "the boolean " + text; }
        std::string operator()(std::int64_t) const { return "the integer " + text; }
        std::string operator()(std::uint64_t) const { return "the integer " + text; }
        std::string operator()(double) const { return "the number " + text; }
        std::string operator()(const std::string&) const { return "the string " + shown(text); }
    };
    return std::visit(Describer{node.text}, node.scalar);
}

}  // namespace relux::workflow

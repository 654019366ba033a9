// Conversions that more than one client needs.
#include "vm/clients/json_value.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "vm/base/text.h"
#include "vm/base/utf8.h"

namespace relux::clients {

namespace {

// The whole of `text` as a number of type T.
template <class T>
std::optional<T> parse(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
    std::string result;
    for (;;) {
        const std::size_t invalid = find_invalid_utf8(bytes);
        result.append(bytes.substr(0, invalid));
        if (invalid == std::string_view::npos) return result;
        result.append("\xEF\xBF\xBD");
        bytes.remove_prefix(invalid + 1);
        // The rest of the same broken sequence.
        while (!bytes.empty() && continues_character(bytes.front()))
            bytes.remove_prefix(1);
    }
}

Json number_value(std::string_view text) {
    if (const auto integer = parse<std::int64_t>(text)) return *integer;
    if (const auto integer = parse<std::uint64_t>(text)) return *integer;
    const auto number = parse<double>(text);
    if (number && std::isfinite(*number)) return *number;
    return std::string(text);
}

Json number_value(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
    return number;
}

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string result = "\\x";
    result.reserve(2 + 2 * bytes.size());
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        result += kDigits[value >> 4];
        result += kDigits[value & 15];
    }
    return result;
}

Json row_objects(const std::vector<std::string>& columns, const std::vector<std::vector<Json>>& rows) {
    Json result = Json::array();
    for (const std::vector<Json>& row : rows) {
        Json object = Json::object();
        for (std::size_t column = 0; column < columns.size(); ++column)
            object[columns[column]] = row[column];
        result.push_back(std::move(object));
    }
    return result;
}

}  // namespace relux::clients

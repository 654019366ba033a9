// The operators of assertions and conditions: the rows of operators.def. What they say of two values is known
// in vm/data.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace relux::value {

enum class Operator : std::uint8_t {
#define OPERATOR(identifier, ...) identifier,
#include "vm/value/operators.def"
#undef OPERATOR
};

inline constexpr unsigned kOperatorCount = 0
#define OPERATOR(...) +1
#include "vm/value/operators.def"
#undef OPERATOR
    ;

/// By its name or one of its signs: `eq`, `==`, `=`.
std::optional<Operator> find_operator(std::string_view text);
/// `eq`, whichever way it was written.
std::string_view operator_name(Operator comparison);
/// The names of all, by row.
std::span<const std::string_view> operator_names();
/// False for `not_null` alone.
bool takes_value(Operator comparison);

}  // namespace relux::value

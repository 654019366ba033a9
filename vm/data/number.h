// Numbers to calculate with: whole ones exactly within 64 bits, others in double precision.
#pragma once

#include <compare>
#include <optional>
#include <string_view>
#include <variant>

#include "vm/base/result.h"
#include "vm/data/json.h"
#include "vm/value/decimal.h"

namespace relux::data {

using value::Decimal;

/// Holds sums of two 64-bit numbers, signed or not, without overflow.
__extension__ using Wide = __int128;

using Number = std::variant<Wide, double>;

/// A number, or a string that reads wholly as one. A string of digits alone is a whole number and must fit
/// into 64 bits, any other must fit into a double. The error has "out of range" for what does not fit, else
/// no words.
Result<Number> number_of(const Json& value);

/// A number, or a string that reads wholly as one, exactly; nothing for any other value.
std::optional<Decimal> decimal_of(const Json& value);

/// Whole numbers from -2^63 to 2^64-1, finite doubles: those that a Json holds as they are.
bool is_representable(const Number& number);
/// `number` must be representable.
Json to_json(const Number& number);

double as_double(const Number& number);
/// Exact. `left` and `right` must be representable.
std::strong_ordering compare(const Number& left, const Number& right);

/// A whole number when it is one that fits into 64 bits, else the double as it is.
Number whole_if_fits(double number);

}  // namespace relux::data

// Decides what a step asserts about the values in its document, and finds the words for what does not hold
// (workflows 5). Conditions of `if` use the same operators.
//
// Two values are equal when they are the same JSON value, or when both read wholly as numbers ("5", "5.0", 5)
// that are equal; numbers are compared exactly, whatever their size. A boolean never equals a text. Elements
// of lists are looked for by the same rule. A value that is absent counts as null.
#pragma once

#include "vm/base/result.h"
#include "vm/data/json.h"
#include "vm/value/operator.h"

namespace relux::data {

using value::Operator;

/// The rule of `eq`.
bool equal_values(const Json& left, const Json& right);

/// Nothing, or "expected gt 0, got null". `actual` is null when the path found nothing; `expected` is not
/// looked at by an operator that takes no value.
Status check(Operator comparison, const Json* actual, const Json& expected);

}  // namespace relux::data

#include "vm/data/assertion.h"

#include <algorithm>
#include <optional>
#include <string>

#include "vm/data/number.h"

namespace relux::data {

namespace {

/// Says what an operator finds of two values. `reason`: why they can't be compared at all, for the message.
struct Finding {
    bool holds = false;
    std::string reason;
};

Finding compare_numbers(Operator comparison, const Json& actual, const Json& expected) {
    auto left = decimal_of(actual);
    auto right = decimal_of(expected);
    if (!left || !right) {
        // That nothing is not greater than something needs no explanation.
        if (actual.is_null() && right) return {};
        return {false, "numbers are needed, not " + type_with_article(actual) + " and " +
                           type_with_article(expected)};
    }
    auto order = compare(*left, *right);
    if (comparison == Operator::Greater) return {order > 0, {}};
    if (comparison == Operator::Less) return {order < 0, {}};
    return {comparison == Operator::GreaterOrEqual ? order >= 0 : order <= 0, {}};
}

bool holds_element(const Json& list, const Json& value) {
    const auto* elements = list.get_ptr<const Json::array_t*>();
    return elements != nullptr && std::any_of(elements->begin(), elements->end(), [&](const Json& element) {
               return equal_values(element, value);
           });
}

Finding check_contains(const Json& actual, const Json& expected) {
    if (actual.is_array()) return {holds_element(actual, expected), {}};
    const auto* text = text_of(actual);
    const auto* part = text_of(expected);
    if (text != nullptr && part != nullptr) return {text->find(*part) != std::string::npos, {}};
    if (actual.is_null()) return {};
    return {false, "a string in a string or an element in a list is needed, not " +
                       type_with_article(expected) + " in " + type_with_article(actual)};
}

Finding check_in(const Json& actual, const Json& expected) {
    if (!actual.is_array() && !expected.is_array()) {
        return {false,
                "a list is needed, not " + type_with_article(actual) + " and " + type_with_article(expected)};
    }
    return {holds_element(actual, expected) || holds_element(expected, actual), {}};
}

Finding find(Operator comparison, const Json& actual, const Json& expected) {
    switch (comparison) {
        case Operator::Equal:
            return {equal_values(actual, expected), {}};
        case Operator::NotEqual:
            return {!equal_values(actual, expected), {}};
        case Operator::Greater:
        case Operator::Less:
        case Operator::GreaterOrEqual:
        case Operator::LessOrEqual:
            return compare_numbers(comparison, actual, expected);
        case Operator::Contains:
            return check_contains(actual, expected);
        case Operator::In:
            return check_in(actual, expected);
        case Operator::NotNull:
            return {!actual.is_null(), {}};
    }
    return {};
}

}  // namespace

bool equal_values(const Json& left, const Json& right) {
    bool may_be_numbers = (left.is_number() || left.is_string()) && (right.is_number() || right.is_string());
    if (may_be_numbers) {
        auto left_number = decimal_of(left);
        auto right_number = left_number ? decimal_of(right) : std::nullopt;
        if (right_number) return compare(*left_number, *right_number) == 0;
    }
    return same_value(left, right);
}

Status check(Operator comparison, const Json* actual, const Json& expected) {
    static const Json kNull;
    const auto& found = actual == nullptr ? kNull : *actual;
    auto finding = find(comparison, found, expected);
    if (finding.holds) return Done{};
    auto message = "expected " + std::string(operator_name(comparison));
    if (takes_value(comparison)) message += " " + shown(expected);
    message += ", got " + shown(found);
    if (!finding.reason.empty()) message += " (" + finding.reason + ")";
    return Error{message};
}

}  // namespace relux::data

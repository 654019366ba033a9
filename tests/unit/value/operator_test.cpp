// The operators of assertions and conditions: names, signs, rows.
#include "vm/value/operator.h"

#include <doctest/doctest.h>

using namespace relux::value;

TEST_CASE("operators by name and by sign") {
    struct Row {
        std::string_view text;
        Operator comparison;
    };
    for (const auto& row : {Row{"eq", Operator::Equal},
                            {"==", Operator::Equal},
                            {"=", Operator::Equal},
                            {"ne", Operator::NotEqual},
                            {"!=", Operator::NotEqual},
                            {"<>", Operator::NotEqual},
                            {"gt", Operator::Greater},
                            {">", Operator::Greater},
                            {"lt", Operator::Less},
                            {"<", Operator::Less},
                            {"ge", Operator::GreaterOrEqual},
                            {">=", Operator::GreaterOrEqual},
                            {"le", Operator::LessOrEqual},
                            {"<=", Operator::LessOrEqual},
                            {"contains", Operator::Contains},
                            {"in", Operator::In},
                            {"not_null", Operator::NotNull}}) {
        CAPTURE(row.text);
        CHECK(find_operator(row.text) == row.comparison);
        CHECK(find_operator(operator_name(row.comparison)) == row.comparison);
        CHECK(takes_value(row.comparison) == (row.text != "not_null"));
    }
    for (const std::string_view text : {"", "EQ", "eq ", "matches", "contain"})
        CHECK_FALSE(find_operator(text));
}

TEST_CASE("the names of operators are in the order of their rows") {
    REQUIRE(operator_names().size() == kOperatorCount);
    for (unsigned row = 0; row < kOperatorCount; ++row)
        CHECK(operator_names()[row] == operator_name(static_cast<Operator>(row)));
}

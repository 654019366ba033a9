// Assertions: which hold, and the exact words for those that don't.
#include "vm/data/assertion.h"

#include <string>

#include "tests/unit/data/values.h"

namespace relux::data {

namespace {

/// "ok" or the words. "absent" as actual value is a path that found nothing.
std::string checked(std::string_view actual, std::string_view comparison, std::string_view expected) {
    auto parsed = value::find_operator(comparison);
    REQUIRE_MESSAGE(parsed, std::string(comparison));
    auto found = actual == "absent" ? Json() : value_of(actual);
    auto status = check(*parsed, actual == "absent" ? nullptr : &found, value_of(expected));
    return status ? "ok" : status.error().message;
}

struct Case {
    std::string_view actual;
    std::string_view comparison;
    std::string_view expected;
    std::string_view outcome;
};

template <class Cases>
void check_all(const Cases& cases) {
    for (const auto& one : cases) {
        CAPTURE(one.actual);
        CAPTURE(one.comparison);
        CAPTURE(one.expected);
        CHECK(checked(one.actual, one.comparison, one.expected) == one.outcome);
    }
}

}  // namespace

TEST_CASE("eq: the same value, or numbers that are equal") {
    constexpr Case kCases[] = {
        {"5", "eq", "5", "ok"},
        {"5", "eq", "5.0", "ok"},
        {R"("5")", "eq", "5", "ok"},
        {"5", "eq", R"("5")", "ok"},
        {R"("5")", "eq", R"("5.0")", "ok"},
        {R"("5e0")", "eq", "5", "ok"},
        {R"("+5")", "eq", "5", "ok"},
        {R"("05")", "eq", "5", "ok"},
        {R"(".5")", "eq", "0.5", "ok"},
        {R"("-0")", "eq", "0", "ok"},
        {R"("5 apples")", "eq", "5", R"(expected eq 5, got "5 apples")"},
        {"5", "eq", R"("5 apples")", R"(expected eq "5 apples", got 5)"},
        {R"("5 ")", "eq", "5", R"(expected eq 5, got "5 ")"},
        {R"(" 5")", "eq", "5", R"(expected eq 5, got " 5")"},
        {R"("5\n")", "eq", "5", R"(expected eq 5, got "5\n")"},
        {R"("0x10")", "eq", "16", R"(expected eq 16, got "0x10")"},
        {R"("1_000")", "eq", "1000", R"(expected eq 1000, got "1_000")"},
        {R"("1,000")", "eq", "1000", R"(expected eq 1000, got "1,000")"},
        {R"("")", "eq", "0", R"(expected eq 0, got "")"},
        {R"(".")", "eq", "0", R"(expected eq 0, got ".")"},
        {R"("-")", "eq", "0", R"(expected eq 0, got "-")"},
        {R"("1e")", "eq", "1", R"(expected eq 1, got "1e")"},
        {R"("inf")", "eq", R"("infinity")", R"(expected eq "infinity", got "inf")"},
        {R"("NaN")", "eq", R"("NaN")", "ok"},
        {R"("v2")", "eq", R"("v1")", R"(expected eq "v1", got "v2")"},
        {R"("v1\n")", "eq", R"("v1")", R"(expected eq "v1", got "v1\n")"},
        {R"("V1")", "eq", R"("v1")", R"(expected eq "v1", got "V1")"},
        {"true", "eq", "true", "ok"},
        {"true", "eq", R"("true")", R"(expected eq "true", got true)"},
        {R"("true")", "eq", "true", R"(expected eq true, got "true")"},
        {"true", "eq", "1", "expected eq 1, got true"},
        {"false", "eq", "0", "expected eq 0, got false"},
        {"false", "eq", "null", "expected eq null, got false"},
        {"null", "eq", "null", "ok"},
        {"absent", "eq", "null", "ok"},
        {"absent", "eq", R"("")", R"(expected eq "", got null)"},
        {"null", "eq", "0", "expected eq 0, got null"},
        {"[1,2]", "eq", "[1,2.0]", "ok"},
        {"[1,2]", "eq", "[2,1]", "expected eq [2,1], got [1,2]"},
        {R"([1,"2"])", "eq", "[1,2]", R"(expected eq [1,2], got [1,"2"])"},
        {R"({"a":1,"b":[]})", "eq", R"({"b":[],"a":1})", "ok"},
        {R"({"a":1})", "eq", R"({"a":2})", R"(expected eq {"a":2}, got {"a":1})"},
        {"[]", "eq", "{}", "expected eq {}, got []"},
        {"0.1", "eq", R"("0.1")", "ok"},
        {"0.30000000000000004", "eq", "0.3", "expected eq 0.3, got 0.30000000000000004"},
        {R"("0.10000000000000001")", "eq", R"("0.1")", R"(expected eq "0.1", got "0.10000000000000001")"},
        {"9007199254740993", "eq", "9007199254740992", "expected eq 9007199254740992, got 9007199254740993"},
        {"9007199254740993", "eq", R"("9007199254740993")", "ok"},
        {"18446744073709551615", "eq", R"("18446744073709551615")", "ok"},
        {R"("123456789012345678901234567890")", "eq", R"("123456789012345678901234567891")",
         R"(expected eq "123456789012345678901234567891", got "123456789012345678901234567890")"},
        {R"("123456789012345678901234567890.0")", "==", R"("123456789012345678901234567890")", "ok"},
        {R"("1e999999999")", "eq", R"("1e999999998")", R"(expected eq "1e999999998", got "1e999999999")"},
        {"5", "==", "6", "expected eq 6, got 5"},
        {"5", "=", "6", "expected eq 6, got 5"},
    };
    check_all(kCases);
}

TEST_CASE("ne is exactly not eq") {
    constexpr std::string_view kValues[] = {
        "null",   "true",     "false",         "0",         "5",  "5.0", "-5", "1e3",        R"("")",
        R"("5")", R"("5.0")", R"("5 apples")", R"("true")", "[]", "[5]", "{}", R"({"a":5})", "absent"};
    for (auto actual : kValues) {
        for (auto expected : kValues) {
            if (expected == "absent") continue;
            CAPTURE(actual);
            CAPTURE(expected);
            bool equal = checked(actual, "eq", expected) == "ok";
            for (auto comparison : {"ne", "!=", "<>"})
                CHECK((checked(actual, comparison, expected) == "ok") == !equal);
        }
    }
    CHECK(checked(R"("5")", "ne", "5") == R"(expected ne 5, got "5")");
    CHECK(checked("absent", "<>", "null") == "expected ne null, got null");
}

TEST_CASE("comparisons of numbers") {
    constexpr Case kCases[] = {
        {"1", "gt", "0", "ok"},
        {"0", "gt", "0", "expected gt 0, got 0"},
        {"-1", "gt", "0", "expected gt 0, got -1"},
        {R"("10")", "gt", "9", "ok"},
        {R"("10")", "gt", R"("9")", "ok"},
        {"10", ">", R"("9.99")", "ok"},
        {"1", "<", "2", "ok"},
        {"2", "lt", "2", "expected lt 2, got 2"},
        {"2", "ge", "2", "ok"},
        {"2", ">=", "2.0", "ok"},
        {"1.999", "ge", "2", "expected ge 2, got 1.999"},
        {"2", "le", "2", "ok"},
        {"3", "<=", "2", "expected le 2, got 3"},
        {"-2", "lt", "-1", "ok"},
        {"-1e2", "lt", "-99", "ok"},
        {"0", "gt", "-0.5", "ok"},
        {"0.001", "gt", "0", "ok"},
        {"100", "gt", "99.9", "ok"},
        {"2147483648", "gt", "2147483647", "ok"},
        {"9007199254740993", "gt", "9007199254740992", "ok"},
        {"9007199254740993", "gt", "9007199254740992.0", "ok"},
        {"18446744073709551615", "gt", "-1", "ok"},
        {"18446744073709551615", "gt", "18446744073709551614", "ok"},
        {R"("100000000000000000000000000001")", "gt", R"("100000000000000000000000000000")", "ok"},
        {R"("1e30")", "lt", R"("1e31")", "ok"},
        {R"("0.1e1")", "ge", "1", "ok"},
        {"null", "gt", "0", "expected gt 0, got null"},
        {"absent", "gt", "0", "expected gt 0, got null"},
        {"absent", "lt", R"("5")", R"(expected lt "5", got null)"},
        {R"("5 apples")", "gt", "0",
         R"(expected gt 0, got "5 apples" (numbers are needed, not a string and a number))"},
        {"5", "gt", R"("many")",
         R"(expected gt "many", got 5 (numbers are needed, not a number and a string))"},
        {"true", "gt", "0", "expected gt 0, got true (numbers are needed, not a boolean and a number)"},
        {"5", "ge", "null", "expected ge null, got 5 (numbers are needed, not a number and null)"},
        {"null", "ge", "null", "expected ge null, got null (numbers are needed, not null and null)"},
        {"[5]", "le", "9", "expected le 9, got [5] (numbers are needed, not a list and a number)"},
        {R"({"a":1})", "lt", "[1]",
         R"(expected lt [1], got {"a":1} (numbers are needed, not a map and a list))"},
    };
    check_all(kCases);
}

TEST_CASE("contains and in") {
    constexpr Case kCases[] = {
        {R"("hello world")", "contains", R"("o w")", "ok"},
        {R"("hello")", "contains", R"("")", "ok"},
        {R"("hello")", "contains", R"("Hello")", R"(expected contains "Hello", got "hello")"},
        {R"("a&b'c\"d")", "contains", R"("&b'c\"")", "ok"},
        {"[1,2,3]", "contains", "2", "ok"},
        {"[1,2,3]", "contains", R"("2")", "ok"},
        {"[1,2,3]", "contains", "4", "expected contains 4, got [1,2,3]"},
        {R"(["5 apples"])", "contains", "5", R"(expected contains 5, got ["5 apples"])"},
        {R"([{"a":1}])", "contains", R"({"a":1})", "ok"},
        {"[null]", "contains", "null", "ok"},
        {"[true]", "contains", R"("true")", R"(expected contains "true", got [true])"},
        {"[[1],[2]]", "contains", "[2]", "ok"},
        {"[]", "contains", "1", "expected contains 1, got []"},
        {"null", "contains", R"("a")", R"(expected contains "a", got null)"},
        {"absent", "contains", "1", "expected contains 1, got null"},
        {R"("a5")", "contains", "5",
         R"(expected contains 5, got "a5" (a string in a string or an element in a list is needed, not a number in a string))"},
        {R"({"a":1})", "contains", R"("a")",
         R"(expected contains "a", got {"a":1} (a string in a string or an element in a list is needed, not a string in a map))"},
        {"200", "in", "[200,201]", "ok"},
        {R"("200")", "in", "[200,201]", "ok"},
        {"404", "in", "[200,201]", "expected in [200,201], got 404"},
        {"[1,2]", "in", "2", "ok"},
        {"[1,2]", "in", "3", "expected in 3, got [1,2]"},
        {"[1]", "in", "[[1]]", "ok"},
        {"[[1]]", "in", "[1]", "ok"},
        {"null", "in", "[null]", "ok"},
        {"absent", "in", "[1]", "expected in [1], got null"},
        {R"("a")", "in", R"("abc")",
         R"(expected in "abc", got "a" (a list is needed, not a string and a string))"},
        {"absent", "in", "1", "expected in 1, got null (a list is needed, not null and a number)"},
    };
    check_all(kCases);
}

TEST_CASE("not_null") {
    for (auto actual : {"0", "false", R"("")", "[]", "{}", R"("null")"})
        CHECK(checked(actual, "not_null", "null") == "ok");
    CHECK(checked("null", "not_null", "null") == "expected not_null, got null");
    CHECK(checked("absent", "not_null", "1") == "expected not_null, got null");
}

TEST_CASE("long values are cut in the words") {
    auto words = checked("\"" + std::string(10'000, 'x') + "\"", "eq", "1");
    CHECK(words.size() < 400);
    CHECK(words.ends_with("... (10002 bytes)"));
}

}  // namespace relux::data

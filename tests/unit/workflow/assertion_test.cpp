// Assertions in all forms.
#include <doctest/doctest.h>

#include "tests/unit/workflow/memory_files.h"

using namespace relux::workflow;
using namespace relux::workflow::test;

namespace {

Assertion assertion_of(const std::string& text) {
    auto step = step_of("type: shell\ncommand: x\nassert:\n  - " + text);
    INFO(step.name);
    REQUIRE(step.assertions.size() == 1);
    return step.assertions[0];
}

Lines wrong(const std::string& text) {
    Lines lines;
    for (auto line : step_problems("type: shell\ncommand: x\nassert:\n  - " + text)) {
        constexpr std::string_view prefix = ".assert[0]";
        lines.push_back(line.starts_with(prefix) ? line.substr(prefix.size()) : line);
    }
    return lines;
}

}  // namespace

TEST_CASE("operators and their aliases") {
    struct Row {
        const char* written;
        const char* name;
    };
    for (const auto& row : std::vector<Row>{{"eq", "eq"},
                                            {"==", "eq"},
                                            {"=", "eq"},
                                            {"ne", "ne"},
                                            {"!=", "ne"},
                                            {"<>", "ne"},
                                            {"gt", "gt"},
                                            {">", "gt"},
                                            {"lt", "lt"},
                                            {"<", "lt"},
                                            {"ge", "ge"},
                                            {">=", "ge"},
                                            {"le", "le"},
                                            {"<=", "le"},
                                            {"contains", "contains"},
                                            {"in", "in"}}) {
        CAPTURE(row.written);
        CHECK(operator_name(assertion_of("[$.a, \"" + std::string(row.written) + "\", 1]").op) == row.name);
        CHECK(operator_name(
                  assertion_of("{path: $.a, op: \"" + std::string(row.written) + "\", value: 1}").op) ==
              row.name);
    }
}

TEST_CASE("not_null takes no value") {
    CHECK(assertion_of("[$.a, not_null]").op == relux::value::Operator::NotNull);
    CHECK_FALSE(assertion_of("{path: $.a, op: not_null}").expected.has_value());
    CHECK(wrong("[$.a, not_null, true]") == Lines{"[2]: `not_null` takes no value"});
    CHECK(wrong("{path: $.a, op: not_null, value: 1}") == Lines{".value: `not_null` takes no value"});
}

TEST_CASE("expected values keep their types") {
    auto expected = [](const std::string& text) {
        return assertion_of("[$.a, eq, " + text + "]").expected->value;
    };
    CHECK(std::get<std::int64_t>(expected("5")) == 5);
    CHECK(std::get<Template>(expected("\"5\"")).source == "5");
    CHECK(std::get<bool>(expected("true")));
    CHECK(std::holds_alternative<std::monostate>(expected("null")));
    CHECK(std::get<double>(expected("1.5")) == 1.5);
    CHECK(std::get<std::vector<Value>>(expected("[1, a]")).size() == 2);
    CHECK(std::get<ValueMap>(expected("{a: 1}")).size() == 1);
    CHECK(std::get<Template>(expected("\"{{ x }}\"")).expression() != nullptr);
    CHECK(std::get<std::uint64_t>(expected("18446744073709551615")) == 18446744073709551615U);
}

TEST_CASE("an expected null is a value") {
    CHECK(assertion_of("{path: $.a, op: eq, value: null}").expected.has_value());
    CHECK(assertion_of("{path: $.a, op: eq, value: }").expected.has_value());
}

TEST_CASE("places of assertions") {
    auto assertion = assertion_of("[\"$.a\", eq, 5]");
    CHECK(at(assertion.place) == "7:9");
    CHECK(at(assertion.path.place) == "7:10");
    CHECK(at(assertion.expected->place) == "7:21");
    CHECK(assertion.path.text == "$.a");
}

TEST_CASE("operators that are wrong") {
    CHECK(wrong("[$.a, eqq, 1]") == Lines{"[1]: unknown operator `eqq`; did you mean `eq`?"});
    CHECK(wrong("[$.a, containz, 1]") == Lines{"[1]: unknown operator `containz`; did you mean `contains`?"});
    CHECK(wrong("[$.a, 5, 1]") == Lines{"[1]: must be an operator, not the integer 5"});
    CHECK(wrong("[$.a, matches, 1]") ==
          Lines{"[1]: unknown operator `matches`; use eq, ne, gt, lt, ge, le, in, contains or not_null"});
    CHECK(wrong("[$.a, eq]") == Lines{": `eq` needs a value to compare with"});
    CHECK(wrong("[$.a, \"!=\"]") == Lines{": `!=` needs a value to compare with"});
    CHECK(wrong("{path: $.a, op: gt}") == Lines{": `gt` needs a value to compare with"});
}

TEST_CASE("shapes that are wrong") {
    const std::string shape =
        ": must be [path, operator, value], [path, not_null] or {path, op, value}, not ";
    CHECK(wrong("[]") == Lines{shape + "a list of 0"});
    CHECK(wrong("[$.a]") == Lines{shape + "a list of 1"});
    CHECK(wrong("[$.a, eq, 1, 2]") == Lines{shape + "a list of 4"});
    CHECK(wrong("$.a == 1") == Lines{shape + "the string `$.a == 1`"});
    CHECK(wrong("~") == Lines{shape + "nothing"});
    CHECK(wrong("{path: $.a}") == Lines{".op: `op` is required, but missing"});
    CHECK(wrong("{op: eq, value: 1}") == Lines{".path: `path` is required, but missing"});
    CHECK(wrong("{path: $.a, operator: eq, op: eq, value: 1}") ==
          Lines{".operator: unknown key `operator` in an assertion; use path, op or value"});
    CHECK(wrong("[5, eq, 1]") == Lines{"[0]: must be a path, not the integer 5"});
    CHECK(wrong("[$.a[, eq, 1]").size() == 1);
}

TEST_CASE("assert itself") {
    CHECK(step_problems("type: shell\ncommand: x\nassert: {path: $, op: not_null}") ==
          Lines{".assert: must be a list of assertions, not a map"});
    CHECK(step_problems("type: shell\ncommand: x\nassert:") ==
          Lines{".assert: must be a list of assertions, but nothing is there"});
    CHECK(step_problems("type: shell\ncommand: x\nassert: [$.a, eq, 1]").size() == 3);
}

TEST_CASE("several mistakes in one assertion are all reported") {
    CHECK(wrong("[\"$.a b\", eqq, \"{{ uper(x) }}\"]") ==
          Lines{"[0]: path `$.a b`: a name cannot hold ` `; write it in brackets: [\"a name\"] (column 4)",
                "[1]: unknown operator `eqq`; did you mean `eq`?",
                "[2]: template: unknown function `uper`; did you mean `upper`?"});
}

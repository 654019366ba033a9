// The syntax of templates: trees, places, and where they are wrong.
#include "frontend/workflow/template.h"

#include <doctest/doctest.h>

using namespace relux::workflow;

namespace {

std::string shown(const Expression& expression);

std::string shown(const Scalar& scalar) {
    struct Shower {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(std::uint64_t value) const { return std::to_string(value) + "u"; }
        std::string operator()(double value) const { return "float " + std::to_string(value); }
        std::string operator()(const std::string& value) const { return "'" + value + "'"; }
    };
    return std::visit(Shower{}, scalar);
}

std::string shown(const Expression& expression) {
    if (const auto* scalar = std::get_if<Scalar>(&expression.value)) return shown(*scalar);
    if (const auto* variable = std::get_if<Variable>(&expression.value)) return variable_text(*variable);
    const auto& call = std::get<Call>(expression.value);
    std::string text = std::string(relux::value::function(call.function).name) + "(";
    for (std::size_t i = 0; i < call.arguments.size(); ++i)
        text += (i == 0 ? "" : ", ") + shown(call.arguments[i]);
    return text + ")";
}

/// The parts with `|` between them, texts in quotes; or the errors, as `offset: message`.
std::string parsed(std::string_view source) {
    std::vector<SyntaxError> errors;
    auto result = parse_template(
        source,
        [](std::size_t offset) {
            return Place{0, 1, static_cast<std::uint32_t>(offset + 1)};
        },
        errors);
    std::string text;
    auto add = [&](const std::string& part) { text += (text.empty() ? "" : " | ") + part; };
    for (const auto& error : errors)
        add(std::to_string(error.offset) + ": " + error.message);
    if (!errors.empty()) return text;
    for (const auto& part : result.parts) {
        const auto* literal = std::get_if<std::string>(&part);
        add(literal != nullptr ? "\"" + *literal + "\"" : shown(std::get<Expression>(part)));
    }
    return text;
}

struct Row {
    const char* text;
    const char* expected;
};

void check(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        CAPTURE(row.text);
        CHECK(parsed(row.text) == row.expected);
    }
}

}  // namespace

TEST_CASE("text without templates is text") {
    check({{"", ""},
           {"plain", "\"plain\""},
           {"a }} b", "\"a }} b\""},
           {"{ a }", "\"{ a }\""},
           {"${a}", "\"${a}\""},
           {"{%  if %}", "\"{%  if %}\""}});
}

TEST_CASE("variables") {
    check({{"{{ a }}", "a"},
           {"{{a}}", "a"},
           {"{{\ta\n}}", "a"},
           {"x{{ a }}y", "\"x\" | a | \"y\""},
           {"{{ a }}{{ b }}", "a | b"},
           {"{{ a.b[0] }}", "a.b[0]"},
           {"{{ a[-1].c }}", "a[-1].c"},
           {"{{ a[\"b c\"].d }}", "a[\"b c\"].d"},
           {"{{ a['x'] }}", "a.x"},
           {"{{ user-id }}", "user-id"},
           {"{{ _x9 }}", "_x9"},
           {"{{ a.0 }}", "a.0"},
           {"{{ größe }}", "größe"},
           {"{{ true.x }}", "true.x"},
           {"{{ upper }}", "upper"}});
}

TEST_CASE("literals") {
    check({{"{{ \"x\" }}", "'x'"},
           {"{{ 'x' }}", "'x'"},
           {"{{ 'it\\'s' }}", "'it's'"},
           {"{{ \"a\\n\\u00fc\" }}", "'a\nü'"},
           {"{{ \"}}\" }}", "'}}'"},
           {"{{ \"{{\" }}x", "'{{' | \"x\""},
           {"{{ '' }}", "''"},
           {"{{ 5 }}", "5"},
           {"{{ -5 }}", "-5"},
           {"{{ 1.5 }}", "float 1.500000"},
           {"{{ 1e3 }}", "float 1000.000000"},
           {"{{ 18446744073709551615 }}", "18446744073709551615u"},
           {"{{ true }}", "true"},
           {"{{ false }}", "false"},
           {"{{ null }}", "null"}});
}

TEST_CASE("calls") {
    check({{"{{ upper(a) }}", "upper(a)"},
           {"{{ upper(trim(x)) }}", "upper(trim(x))"},
           {"{{ replace( a , 'b','c' ) }}", "replace(a, 'b', 'c')"},
           {"{{ upper (a) }}", "upper(a)"},
           {"{{ now() }}", "now()"},
           {"{{ now( ) }}", "now()"},
           {"{{ add(1, mul(2, n.x[0])) }}", "add(1, mul(2, n.x[0]))"},
           {"{{ object('a', 1, 'b', null) }}", "object('a', 1, 'b', null)"},
           {"{{ object() }}", "object()"},
           {"{{ len(upper(\"}}\")) }}", "len(upper('}}'))"}});
}

TEST_CASE("functions check how many arguments they get") {
    check(
        {{"{{ upper() }}", "3: upper takes 1 argument, not 0: upper(s): s in upper case (Unicode)"},
         {"{{ upper(a, b) }}", "3: upper takes 1 argument, not 2: upper(s): s in upper case (Unicode)"},
         {"{{ replace(a, b) }}",
          "3: replace takes 3 arguments, not 2: replace(s, from, to): every `from` in s replaced; an empty "
          "`from` gives s"},
         {"{{ padLeft(a) }}",
          "3: padLeft takes 2 to 3 arguments, not 1: padLeft(s, n), padLeft(s, n, fill): n characters, "
          "filled at the front with blanks or `fill`"},
         {"{{ add(1) }}", "3: add takes at least 2 arguments, not 1: add(n, n...): the sum"},
         {"{{ min() }}", "3: min takes at least 1 argument, not 0: min(n...), min(list): the smallest"},
         {"{{ nowUnix(1) }}", "3: nowUnix takes no arguments, not 1: nowUnix(): seconds since 1970"},
         {"{{ object('a') }}", "3: object takes keys and values in pairs, not 1 argument"},
         {"{{ object('a', 1, 'b') }}", "3: object takes keys and values in pairs, not 3 arguments"},
         {"{{ upper(lower()) }}", "9: lower takes 1 argument, not 0: lower(s): s in lower case (Unicode)"}});
}

TEST_CASE("unknown functions name the nearest") {
    check({{"{{ uper(a) }}", "3: unknown function `uper`; did you mean `upper`?"},
           {"{{ toint(a) }}", "3: unknown function `toint`; did you mean `toInt`?"},
           {"{{ jsonStringfy(a) }}", "3: unknown function `jsonStringfy`; did you mean `jsonStringify`?"},
           {"{{ frobnicate(a) }}", "3: unknown function `frobnicate`"}});
}

TEST_CASE("templates that are wrong say where") {
    check({{"{{ }}", "3: nothing between `{{` and `}}`"},
           {"{{}}", "2: nothing between `{{` and `}}`"},
           {"{{", "2: the `}}` is missing"},
           {"{{ a", "4: the `}}` is missing"},
           {"{{ a }", "5: `}}` is wanted, not `}`"},
           {"{{ a b }}", "5: `}}` is wanted, not `b`"},
           {"{{ upper x y }}", "3: upper takes 1 argument, not 2: upper(s): s in upper case (Unicode)"},
           {"{{ add (x y) 1 }}", "10: `,` or `)` is wanted, not `y` in the arguments of add"},
           {"{{ upper x, y }}", "10: `}}` is wanted, not `,`"},
           {"{{ a | upper }}", "5: there are no pipes; write a call, as in `upper(name)`"},
           {"{{ a + 1 }}", "5: there are no operators; use functions, as in `add(a, 1)`"},
           {"{{ a == 1 }}", "5: there are no operators; use functions, as in `add(a, 1)`"},
           {"{{ $.a }}", "3: a template takes a variable, not a path: write `name`, as in `user.id`"},
           {"{{.Names}}",
            "2: a variable has no dot in front: write `name`; for `{{` itself write {{ \"{{\" }}"},
           {"{{ a. }}", "5: a name is wanted after `.`, not ` `"},
           {"{{ a..b }}", "5: a name is wanted after `.`, not `.`"},
           {"{{ {a} }}", "3: a variable, a function or a literal is wanted, not `{`"},
           {"{{ é! }}", "5: there are no operators; use functions, as in `add(a, 1)`"},
           {"{{ 5x }}", "3: a name cannot begin with a digit"},
           {"{{ - }}", "3: a number is wanted after `-`"},
           {"{{ a.b(c) }}", "6: only functions can be called"}});
}

TEST_CASE("brackets and strings that are wrong say where") {
    check(
        {{"{{ a[ }}", "6: a number or a quoted name is wanted after `[`, not `}`"},
         {"{{ a[b] }}", "5: a number or a quoted name is wanted after `[`, not `b`"},
         {"{{ a[*] }}", "5: a number or a quoted name is wanted after `[`, not `*`"},
         {"{{ a[0 }}", "7: `]` is wanted, not `}`"},
         {"{{ a[1.5] }}", "5: an index is a whole number of 64 bits"},
         {"{{ a[99999999999999999999] }}", "5: an index is a whole number of 64 bits"},
         {"{{ 'a }}", "3: the string is not ended"},
         {"{{ \"a\\q\" }}", "5: an unknown escape; known are \\\\ \\\" \\' \\/ \\n \\r \\t \\b \\f \\uXXXX"},
         {"{{ 99999999999999999999 }}",
          "3: the integer does not fit into 64 bits; quote it to make it a string"},
         {"{{ 1e999 }}", "3: JSON has no such number; quote it to make it a string"}});
}

TEST_CASE("arguments that are wrong say where") {
    check({{"{{ upper(a }}", "11: `)` is missing in the arguments of upper"},
           {"{{ upper(a", "10: `)` is missing in the arguments of upper"},
           {"{{ upper(a b) }}", "11: `,` or `)` is wanted, not `b` in the arguments of upper"},
           {"{{ upper(,) }}", "9: a variable, a function or a literal is wanted, not `,`"},
           {"{{ add(1,) }}", "9: a variable, a function or a literal is wanted, not `)`"},
           {"{{ upper(", "9: the `}}` is missing"}});
}

TEST_CASE("every expression that is wrong is reported, and the rest is kept") {
    CHECK(parsed("{{ }} {{ a }} {{ b c }} {{ d( }}") ==
          "3: nothing between `{{` and `}}` | 19: `}}` is wanted, not `c` | 27: unknown function `d`");
}

TEST_CASE("calls nest only so deep") {
    auto nested = [](int depth) {
        std::string text = "a";
        for (int i = 0; i < depth; ++i)
            text = "trim(" + text + ")";
        return "{{ " + text + " }}";
    };
    CHECK(parsed(nested(50)).starts_with("trim(trim("));
    CHECK(parsed(nested(51)) == "258: calls nest too deeply: at most 50");
    CHECK(parsed("{{ " + std::string(1'000'000, '(')).size() < 200);
}

TEST_CASE("a template knows whether it is text, one expression or more") {
    auto parse = [](std::string_view text) {
        std::vector<SyntaxError> errors;
        return parse_template(
            text, [](std::size_t) { return Place{}; }, errors);
    };
    CHECK(*parse("x").text() == "x");
    CHECK(parse("").text()->empty());
    CHECK(parse("x {{ a }}").text() == nullptr);
    CHECK(parse("x {{ a }}").expression() == nullptr);
    CHECK(parse("{{ a }}").expression() != nullptr);
    CHECK(parse(" {{ a }}").expression() == nullptr);
    CHECK(parse("{{ a }} ").source == "{{ a }} ");
}

TEST_CASE("expressions have places") {
    std::vector<SyntaxError> errors;
    auto result = parse_template(
        "ab {{ upper(x) }}",
        [](std::size_t offset) {
            return Place{3, 7, static_cast<std::uint32_t>(offset)};
        },
        errors);
    const auto& call = std::get<Expression>(result.parts[1]);
    CHECK(call.place == Place{3, 7, 6});
    CHECK(std::get<Call>(call.value).arguments[0].place == Place{3, 7, 12});
    CHECK(result.place == Place{3, 7, 0});
}

TEST_CASE("variables alone, as foreach has them") {
    CHECK(variable_text(std::get<Variable>(parse_variable("users"))) == "users");
    CHECK(variable_text(std::get<Variable>(parse_variable("data.users[0].ids"))) == "data.users[0].ids");
    CHECK(std::get<SyntaxError>(parse_variable("")).message == "a variable's name is wanted, not the end");
    CHECK(std::get<SyntaxError>(parse_variable("a b")).message == "unexpected ` ` after the variable");
    CHECK(std::get<SyntaxError>(parse_variable("$.a")).message == "a variable's name is wanted, not `$`");
}

TEST_CASE("the variables of a template are found wherever they stand") {
    std::vector<SyntaxError> errors;
    auto result = parse_template(
        "{{ a }} {{ add(b.c, mul(d, 2)) }}", [](std::size_t) { return Place{}; }, errors);
    std::string names;
    each_variable(result, [&](const Variable& variable) { names += variable.steps.front().name + " "; });
    CHECK(names == "a b d ");
}

TEST_CASE("arguments with blanks between them are those of a call") {
    check({{"{{upper \"x\"}}", "upper('x')"},
           {"{{ upper x }}", "upper(x)"},
           {"{{ add n 3 -1 }}", "add(n, 3, -1)"},
           {"{{ upper (lower \"Q\") }}", "upper(lower('Q'))"},
           {"{{ add (len x) 1 }}", "add(len(x), 1)"},
           {"{{ add 1 (len x) }}", "add(1, len(x))"},
           {"{{ join split(a, b) \"-\" }}", "join(split(a, b), '-')"},
           {"{{ upper upper }}", "upper(upper)"},
           {"{{ upper user.names[0] }}", "upper(user.names[0])"},
           {"{{ upper }}", "upper"}});
}

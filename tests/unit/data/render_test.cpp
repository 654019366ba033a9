// Rendering: values as text, templates as text and as values, and that nothing is escaped or rendered twice.
#include "vm/data/render.h"

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/data/values.h"
#include "vm/data/assertion.h"

namespace relux::data {

namespace {

using Layer = StateBag::Layer;

Expression literal(std::string_view json) {
    return Expression{value_of(json)};
}

Expression variable(std::string_view path) {
    return Expression{path_of(path)};
}

Expression called(std::string_view name, std::vector<Expression> arguments) {
    const auto* known = value::find_function(name);
    REQUIRE(known != nullptr);
    return Expression{FunctionCall{known->id, std::move(arguments)}};
}

template <class... Parts>
Template template_of(Parts... parts) {
    Template made;
    (made.parts.emplace_back(std::move(parts)), ...);
    return made;
}

std::string as_text(const Template& source, const StateBag& bag) {
    auto context = test_context();
    auto text = render_text(source, bag, context);
    return text ? *text : "! " + text.error().message;
}

std::string as_value(const Template& source, const StateBag& bag) {
    auto context = test_context();
    return outcome_of(render_value(source, bag, context));
}

StateBag example() {
    StateBag bag;
    bag.set(Layer::Extracted, "name", Json(" Ann "));
    bag.set(Layer::Extracted, "id", Json(42));
    bag.set(Layer::Extracted, "price", Json(5.0));
    bag.set(Layer::Extracted, "active", Json(true));
    bag.set(Layer::Extracted, "nothing", Json());
    bag.set(Layer::Extracted, "user", value_of(R"({"tags": ["a", "b&c"], "n": 2.0})"));
    bag.set(Layer::Extracted, "evil", Json("a&b=c d'e\"f;$(g)`h`\\ {{ id }} %41\n"));
    return bag;
}

}  // namespace

TEST_CASE("values as text") {
    struct Case {
        std::string_view value;
        std::string_view text;
    };
    constexpr Case kCases[] = {
        {R"("as is")", "as is"},
        {R"("with \"quotes\" & <tags>")", "with \"quotes\" & <tags>"},
        {R"("")", ""},
        {"null", ""},
        {"true", "true"},
        {"false", "false"},
        {"0", "0"},
        {"-7", "-7"},
        {"5.0", "5"},
        {"5.25", "5.25"},
        {"1000000.0", "1000000"},
        {"1e6", "1000000"},
        {"1e20", "100000000000000000000"},
        {"1e21", "1e+21"},
        {"-1.5e-9", "-1.5e-9"},
        {"9007199254740993", "9007199254740993"},
        {"18446744073709551615", "18446744073709551615"},
        {"0.1", "0.1"},
        {"[1, 2.0, \"x\", null]", R"([1,2,"x",null])"},
        {R"({"b": 1.0, "a": "\u00e9&<"})", "{\"b\":1,\"a\":\"\xc3\xa9&<\"}"},
        {"[]", "[]"},
        {"{}", "{}"},
    };
    for (const auto& one : kCases) {
        CAPTURE(one.value);
        CHECK(render_text(value_of(one.value)) == one.text);
    }
    CHECK(render_text(Json("bytes \xff stay")) == "bytes \xff stay");
}

TEST_CASE("templates as text") {
    auto bag = example();
    CHECK(as_text(template_of(std::string("/users/"), variable("id")), bag) == "/users/42");
    CHECK(as_text(template_of(variable("id")), bag) == "42");
    CHECK(as_text(template_of(variable("price"), std::string("|"), variable("user.n")), bag) == "5|2");
    CHECK(as_text(template_of(std::string("["), variable("nothing"), std::string("]")), bag) == "[]");
    CHECK(as_text(template_of(variable("user.tags")), bag) == R"(["a","b&c"])");
    CHECK(as_text(template_of(variable("user.tags[1]")), bag) == "b&c");
    CHECK(as_text(template_of(variable("active"), variable("id")), bag) == "true42");
    CHECK(as_text(Template{}, bag).empty());
    CHECK(as_text(template_of(std::string("no template")), bag) == "no template");
    CHECK(as_text(template_of(literal("\"x\""), literal("1.0")), bag) == "x1");
}

TEST_CASE("a template that is one expression keeps the type, any other is text") {
    auto bag = example();
    CHECK(as_value(template_of(variable("id")), bag) == "42");
    CHECK(as_value(template_of(variable("active")), bag) == "true");
    CHECK(as_value(template_of(variable("nothing")), bag) == "null");
    CHECK(as_value(template_of(variable("user.tags")), bag) == R"(["a","b&c"])");
    CHECK(as_value(template_of(variable("id"), std::string("")), bag) == R"("42")");
    CHECK(as_value(template_of(std::string(" "), variable("id")), bag) == R"(" 42")");
    CHECK(as_value(template_of(variable("id"), variable("id")), bag) == R"("4242")");
    CHECK(as_value(template_of(std::string("42")), bag) == R"("42")");
    CHECK(as_value(Template{}, bag) == R"("")");
    auto context = test_context();
    auto expected = render_value(template_of(variable("active")), bag, context);
    REQUIRE(expected);
    auto actual = Json(true);
    CHECK(check(Operator::Equal, &actual, *expected));
}

TEST_CASE("nothing is escaped, and a value is never rendered again") {
    auto bag = example();
    std::string evil = "a&b=c d'e\"f;$(g)`h`\\ {{ id }} %41\n";
    CHECK(as_text(template_of(std::string("/search?q="), variable("evil")), bag) == "/search?q=" + evil);
    CHECK(as_text(template_of(std::string("SELECT '"), variable("evil"), std::string("'")), bag) ==
          "SELECT '" + evil + "'");
    CHECK(as_text(template_of(std::string("echo "), variable("evil")), bag) == "echo " + evil);
    CHECK(as_text(template_of(called("trim", {variable("evil")})), bag) == evil.substr(0, evil.size() - 1));
}

TEST_CASE("functions within functions") {
    auto bag = example();
    CHECK(as_value(template_of(called("upper", {called("trim", {variable("name")})})), bag) == R"("ANN")");
    CHECK(as_value(template_of(called("add", {variable("id"), called("len", {variable("user.tags")})})),
                   bag) == "44");
    CHECK(as_text(template_of(std::string("n="),
                              called("padLeft", {variable("id"), literal("5"), literal("\"0\"")})),
                  bag) == "n=00042");
    CHECK(as_value(template_of(called("now", {})), bag) == R"("2026-03-01T12:34:56Z")");
}

TEST_CASE("what fails in a template names itself") {
    auto bag = example();
    CHECK(as_text(template_of(std::string("x"), variable("nam")), bag) ==
          "! undefined variable `nam`; did you mean `name`?");
    CHECK(as_value(template_of(variable("user.tag")), bag) ==
          "! undefined variable `user.tag`: `user` has no member `tag`; did you mean `tags`?");
    CHECK(as_value(template_of(called("upper", {variable("missing")})), bag) ==
          "! undefined variable `missing`");
    CHECK(as_value(template_of(called("upper", {called("split", {variable("name"), literal("\",\"")})})),
                   bag) == "! upper: argument 1 must be a string, got a list");
    CHECK(as_value(template_of(called("upper", {})), bag) == "! upper: takes 1 argument, got 0");
}

TEST_CASE("calls nest to a bound, texts grow to a bound") {
    auto bag = example();
    auto nested = literal("\"x\"");
    for (int i = 0; i < 200; ++i)
        nested = called("trim", {std::move(nested)});
    CHECK(as_value(template_of(nested), bag) == R"("x")");
    nested = called("trim", {std::move(nested)});
    CHECK(as_value(template_of(nested), bag) == "! more than 200 calls within each other");

    bag.set(Layer::Extracted, "large", Json(std::string(kMaximumBytes / 2, 'x')));
    CHECK(as_text(template_of(variable("large"), variable("large")), bag).size() == kMaximumBytes);
    CHECK(as_text(template_of(variable("large"), variable("large"), std::string("y")), bag) ==
          "! the text is larger than 64 MiB");
    std::vector<Json> parts{*bag.find("large"), *bag.find("large"), Json(1)};
    CHECK_FALSE(join_texts(parts));
    parts = {Json("a"), Json(), Json(1.0)};
    CHECK(*join_texts(parts) == "a1");
}

}  // namespace relux::data

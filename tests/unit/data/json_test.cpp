// JSON text to values, values to text, and when two are the same.
#include "vm/data/json.h"

#include <cmath>
#include <limits>
#include <string>

#include "tests/unit/data/values.h"
#include "vm/data/render.h"

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace relux::data {

namespace {

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("what is read is written back compactly") {
    struct Case {
        std::string_view read;
        std::string_view written;
    };
    constexpr Case kCases[] = {
        {"null", "null"},
        {" true ", "true"},
        {"[ 1 , 2 ]", "[1,2]"},
        {"[]", "[]"},
        {"{}", "{}"},
        {R"({ "b" : 1, "a" : {} })", R"({"b":1,"a":{}})"},
        {R"({"a":1,"b":2,"a":3})", R"({"a":3,"b":2})"},
        {R"([{}, {"a": []}])", R"([{},{"a":[]}])"},
        {"5.0", "5"},
        {"-0.0", "0"},
        {"1e3", "1000"},
        {"0.1", "0.1"},
        {"1e21", "1e+21"},
        {"1e20", "100000000000000000000"},
        {"1.5e300", "1.5e+300"},
        {"0.000001", "0.000001"},
        {"0.0000001", "1e-7"},
        {"-2.50", "-2.5"},
        {"9007199254740993", "9007199254740993"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"18446744073709551615", "18446744073709551615"},
        {"123456789012345680000", "123456789012345680000"},
        {R"("a\"b\\c\n\u0001/")", R"("a\"b\\c\n\u0001/")"},
        {R"("<&>' \u00e9 \ud83d\ude00")", "\"<&>' \xc3\xa9 \xf0\x9f\x98\x80\""},
    };
    for (const auto& one : kCases) {
        CAPTURE(one.read);
        CHECK(compact_json(value_of(one.read)) == one.written);
    }
}

TEST_CASE("what is not JSON is refused with its place") {
    struct Case {
        std::string_view text;
        std::string_view message;
    };
    constexpr Case kCases[] = {
        {"", "line 1, column 1: the JSON ends too early"},
        {"   ", "line 1, column 4: the JSON ends too early"},
        {"[1,", "line 1, column 4: the JSON ends too early"},
        {R"({"a": )", "line 1, column 7: the JSON ends too early"},
        {R"("abc)", "line 1, column 5: the JSON ends too early"},
        {"{\n  \"\xc3\xa9\": x}",
         "line 2, column 8: not JSON: invalid literal; last read: '\"\xc3\xa9\": x'"},
    };
    for (const auto& one : kCases) {
        CAPTURE(one.text);
        auto value = parse_json(one.text);
        REQUIRE_FALSE(value);
        CHECK(value.error().message == one.message);
    }
    for (auto text : {"5 apples", "[1,]", "{'a':1}", "nul", "[1] [2]", "01", "+1", "NaN", "1e400", "\"\xff\"",
                      "\"\\ud800\"", "[1 2]", "{\"a\" 1}", "\x01", "// comment\n1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_json(text));
    }
    CHECK(parse_json("1\0"sv).error().message == "line 1, column 2: not JSON: a zero byte");
    CHECK(parse_json("[\0]"sv).error().code == 1);
}

TEST_CASE("depth is bounded, size is not a matter of time") {
    CHECK(parse_json(nested(kMaximumDepth)));
    auto deep = parse_json(nested(kMaximumDepth + 1));
    REQUIRE_FALSE(deep);
    CHECK(deep.error().message == "more than 500 lists and maps within each other");
    CHECK_FALSE(parse_json(std::string(1'000'000, '[')));
    auto value = value_of(nested(kMaximumDepth));
    CHECK(check_size(value));
    CHECK_FALSE(check_size(Json::array({value})));
    CHECK_FALSE(check_size(Json(std::string(kMaximumBytes + 1, 'x'))));

    // With a search through all members for each of them, this would take minutes.
    std::string text = "{";
    for (int i = 0; i < 200'000; ++i)
        text += "\"key" + std::to_string(i % 150'000) + "\":" + std::to_string(i) + ",";
    text += "\"end\":0}";
    auto map = value_of(text);
    CHECK(map.size() == 150'001);
    CHECK(map.begin().value() == 150'000);
    CHECK(same_value(map, value_of(text)));
}

TEST_CASE("bytes that are not UTF-8 and numbers that JSON has not are replaced") {
    CHECK(compact_json(Json("a\xff\xc3z")) == "\"a\xef\xbf\xbd\xef\xbf\xbdz\"");
    CHECK(compact_json(Json("nul\0in"s)) == "\"nul\\u0000in\"");
    CHECK(compact_json(Json(std::nan(""))) == "null");
    CHECK(compact_json(Json(HUGE_VAL)) == "null");
    CHECK(number_text(-HUGE_VAL) == "-Infinity");
    CHECK(number_text(std::nan("")) == "NaN");
}

TEST_CASE("numbers are written as short as they can be, and read back as they were") {
    for (double number : {0.1, 1.0 / 3, 2.5e-310, 1.7976931348623157e308, 123456.789, 4.35, 1e-7, 5e-324}) {
        CAPTURE(number);
        auto read = parse_json(number_text(number));
        REQUIRE(read);
        CHECK(read->get<double>() == number);
    }
}

TEST_CASE("the same value") {
    struct Case {
        std::string_view left;
        std::string_view right;
        bool same;
    };
    constexpr Case kCases[] = {
        {"null", "null", true},
        {"null", "false", false},
        {"null", R"("")", false},
        {"true", "true", true},
        {"true", "1", false},
        {"5", "5.0", true},
        {"5", R"("5")", false},
        {R"("a")", R"("a")", true},
        {R"("a")", R"("A")", false},
        {"[1,2]", "[1.0,2]", true},
        {"[1,2]", "[2,1]", false},
        {"[1,2]", "[1,2,3]", false},
        {"[]", "{}", false},
        {R"({"a":1,"b":2})", R"({"b":2,"a":1})", true},
        {R"({"a":1})", R"({"a":1,"b":null})", false},
        {R"({"a":[{"b":1}]})", R"({"a":[{"b":1e0}]})", true},
        {R"({"a":"5"})", R"({"a":5})", false},
        {"9007199254740993", "9007199254740992", false},
        {"9007199254740993", "9007199254740993.0", false},
        {"18446744073709551615", "-1", false},
        {"0", "-0.0", true},
    };
    for (const auto& one : kCases) {
        CAPTURE(one.left);
        CAPTURE(one.right);
        CHECK(same_value(value_of(one.left), value_of(one.right)) == one.same);
        CHECK(same_value(value_of(one.right), value_of(one.left)) == one.same);
    }
    CHECK(same_value(Json(std::nan("")), Json(std::nan(""))));
    CHECK_FALSE(same_value(Json(std::nan("")), Json(0)));
}

TEST_CASE("long values are shown by their beginning") {
    CHECK(shown(Json("short")) == "\"short\"");
    auto text = shown(Json(std::string(299, 'x') + std::string(1000, 'y')));
    CHECK(text == "\"" + std::string(299, 'x') + "... (1301 bytes)");
    auto accents = shown(Json(std::string(298, 'x') + "\xc3\xa9\xc3\xa9"));
    CHECK(accents == "\"" + std::string(298, 'x') + "... (304 bytes)");
}

TEST_CASE("types have the names that messages use") {
    CHECK(type_with_article(value_of("null")) == "null");
    CHECK(type_with_article(value_of("false")) == "a boolean");
    CHECK(type_with_article(value_of("1")) == "a number");
    CHECK(type_with_article(value_of("1.5")) == "a number");
    CHECK(type_with_article(value_of("\"\"")) == "a string");
    CHECK(type_with_article(value_of("[]")) == "a list");
    CHECK(type_with_article(value_of("{}")) == "a map");
}

}  // namespace relux::data

// The syntax of paths: what they mean, and where they are wrong.
#include "vm/value/path.h"

#include <doctest/doctest.h>

using namespace relux::value;

namespace {

Path path_of(std::string_view text, PathNames names = PathNames::Written) {
    auto result = parse_path(text, names);
    REQUIRE_MESSAGE(std::holds_alternative<Path>(result), std::string(text));
    return std::get<Path>(result);
}

/// The full form of a path, or `column: message`.
std::string parsed(std::string_view text, PathNames names = PathNames::Written) {
    auto result = parse_path(text, names);
    if (const auto* error = std::get_if<SyntaxError>(&result)) {
        return std::to_string(error->offset + 1) + ": " + error->message;
    }
    return to_string(std::get<Path>(result));
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

TEST_CASE("the whole document") {
    CHECK(path_of("$").steps.empty());
}

TEST_CASE("members and indexes") {
    check({{"$.a", "$.a"},
           {"$.a.b.c", "$.a.b.c"},
           {"$[0]", "$[0]"},
           {"$[0].cnt", "$[0].cnt"},
           {"$.a[3].b", "$.a[3].b"},
           {"$[-1]", "$[-1]"},
           {"$[ 2 ]", "$[2]"},
           {"$.Content-Type[0]", "$.Content-Type[0]"},
           {"$.größe", "$.größe"},
           {"$.5", "$.5"}});
}

TEST_CASE("wildcards, slices and descent") {
    check({{"$[*]", "$[*]"},
           {"$.*", "$[*]"},
           {"$.a[*].b", "$.a[*].b"},
           {"$[1:3]", "$[1:3]"},
           {"$[:3]", "$[:3]"},
           {"$[1:]", "$[1:]"},
           {"$[:]", "$[:]"},
           {"$[-2:-1]", "$[-2:-1]"},
           {"$..id", "$..id"},
           {"$.a..b.c", "$.a..b.c"},
           {"$..*", "$..[*]"},
           {"$..[0]", "$..[0]"},
           {"$..[\"a b\"]", "$..[\"a b\"]"}});
}

TEST_CASE("quoted names") {
    check({{"$[\"a b\"]", "$[\"a b\"]"},
           {"$['a b']", "$[\"a b\"]"},
           {"$[\"plain\"]", "$.plain"},
           {"$[\"it's\"]", "$[\"it's\"]"},
           {"$['it\\'s']", "$[\"it's\"]"},
           {"$[\"\"]", "$[\"\"]"},
           {"$[\"say \\\"x\\\"\"]", "$[\"say \\\"x\\\"\"]"},
           {"$[\"a.b\"].c", "$[\"a.b\"].c"},
           {"$[\"\\u00fc\"]", "$.ü"},
           {"$[\"\\ud83d\\ude00\"]", "$.😀"}});
}

TEST_CASE("shorthand") {
    check({{"a", "$.a"},
           {"data.token", "$.data.token"},
           {"res.status", "res.status"},
           {"['res'].status", "$.res.status"},
           {"$.res.status", "$.res.status"},
           {"[0].id", "$[0].id"},
           {"..id", "$..id"},
           {"stdout_0", "$.stdout_0"}});
    CHECK(path_of("res.status").response);
    for (const char* text : {"$.res.status", "['res']", "response", "*", "..res"})
        CHECK_FALSE(path_of(text).response);
}

TEST_CASE("which paths give a list") {
    for (const char* text : {"$[*]", "$.a.*", "$..id", "$[0:1]", "$[:]"}) {
        CAPTURE(text);
        CHECK(path_of(text).gives_list());
    }
    for (const char* text : {"$", "$.a", "$[0]", "$[-1].b", "a.b"}) {
        CAPTURE(text);
        CHECK_FALSE(path_of(text).gives_list());
    }
}

TEST_CASE("the steps of a path") {
    auto path = path_of("$.a[-2][1:]..b");
    REQUIRE(path.steps.size() == 5);
    CHECK(path.steps[0].name == "a");
    CHECK(path.steps[1].index == -2);
    CHECK(path.steps[2].begin == 1);
    CHECK_FALSE(path.steps[2].end.has_value());
    CHECK(path.steps[3].kind == PathStep::Kind::Descend);
    CHECK(path.steps[4].name == "b");
}

TEST_CASE("the full form reads back as the same path") {
    for (const char* text : {"$", "$.a", "$[\"a b\"][0]", "$..x[*]", "$[1:-1]", "$[\"q\\\"\\\\\"]"}) {
        CAPTURE(text);
        auto path = path_of(text);
        CHECK(path_of(to_string(path)) == path);
    }
}

TEST_CASE("paths that are wrong say where") {
    check({{"", "1: a path is empty; `$` is the whole document"},
           {"$a", "2: `.` or `[` is wanted after `$`, not `a`"},
           {"$ref", "2: `.` or `[` is wanted after `$`, not `r`"},
           {"$.", "3: a name is missing at the end"},
           {"$.a.", "5: a name is missing at the end"},
           {"$.a..", "6: a name is missing at the end"},
           {"$.a...b", "6: a name is missing before `.`"},
           {".a", "1: a path begins with `$.` or with a name"},
           {"$.a b", "4: a name cannot hold ` `; write it in brackets: [\"a name\"]"},
           {"a b", "2: a name cannot hold ` `; write it in brackets: [\"a name\"]"},
           {"$.a=5", "4: a name cannot hold `=`; write it in brackets: [\"a name\"]"},
           {"$.a]", "4: a `]` that nothing opened"},
           {"$.{x}", "3: a `{` in a path; a template is written `{{ name }}`"}});
}

TEST_CASE("brackets that are wrong say where") {
    check({{"$[", "3: a number, `*`, a slice `a:b` or a quoted name is wanted after `[`, not the end"},
           {"$[]", "3: a number, `*`, a slice `a:b` or a quoted name is wanted after `[`, not `]`"},
           {"$[a]", "3: a number, `*`, a slice `a:b` or a quoted name is wanted after `[`, not `a`"},
           {"$[0", "4: `]` is wanted, not the end"},
           {"$[*", "4: `]` is wanted, not the end"},
           {"$[1.5]", "4: `]` is wanted, not `.`"},
           {"$[-]", "3: a number is missing after `-`"},
           {"$[99999999999999999999]", "3: the number is too large"},
           {"$[1:2:3]", "6: a slice has no step width"},
           {"$[1,2]", "4: lists of indexes are not supported"},
           {"$[?(@.a)]", "3: filters are not supported"},
           {"$['a", "5: the quoted name is not ended"},
           {"$[\"a\\", "5: the quoted name is not ended"},
           {"$[\"a\\q\"]", "5: an unknown escape"},
           {"$[\"\\ud800\"]", "4: an unknown escape"},
           {"$[\"\\u12\"]", "4: an unknown escape"},
           {"$['a'", "6: `]` is wanted, not the end"}});
}

TEST_CASE("white space around a path does not count in one that was computed") {
    CHECK(parsed("  $.a  ", PathNames::Computed) == "$.a");
    CHECK(parsed("\ta\n", PathNames::Computed) == "$.a");
    CHECK(parsed(" ", PathNames::Computed) == "1: a path is empty; `$` is the whole document");
    check({{" $.a", "1: a name is missing before ` `"},
           {"$.a ", "4: a name cannot hold ` `; write it in brackets: [\"a name\"]"}});
}

TEST_CASE("a path that was computed may have any name in it that nothing else means") {
    CHECK(parsed("$.a=5", PathNames::Computed) == "$.a=5");
    CHECK(parsed("a&b|c", PathNames::Computed) == "$.a&b|c");
    CHECK(parsed("$.a b", PathNames::Computed) ==
          "4: a name cannot hold ` `; write it in brackets: [\"a name\"]");
    CHECK(parsed("$.a\"b", PathNames::Computed) ==
          "4: a name cannot hold `\"`; write it in brackets: [\"a name\"]");
}

TEST_CASE("paths are written in one form") {
    check({{"$['a']", "$.a"},
           {"$['$a']", "$[\"$a\"]"},
           {"$..['a b']", "$..[\"a b\"]"},
           {"$[007]", "$[7]"},
           {"$[ : 3 ]", "$[:3]"},
           {"$['']", "$[\"\"]"},
           {"$['\\n\\u0001']", "$[\"\\n\\u0001\"]"}});
    CHECK(variable_text(path_of("user.names[0].first")) == "user.names[0].first");
    CHECK(variable_text(path_of("user.names[0].first"), 2) == "user.names");
    CHECK(variable_text(path_of("['a b'].c")) == "[\"a b\"].c");
    CHECK(variable_text(path_of("a['b=c']")) == "a.b=c");
    CHECK(written_variable(path_of("a['b=c'].d")) == "a[\"b=c\"].d");
}

TEST_CASE("any text is either a path that is written and read again, or an error") {
    constexpr std::string_view pieces[] = {"$", ".",  "..", "[", "]", "*", "a",    "b c", "'", "\"", "\\",
                                           "0", "-1", ":",  ",", " ", "é", "\xff", "res", "?", "\n", "u00e9"};
    std::uint32_t state = 12345;
    auto random = [&state](std::uint32_t bound) {
        state = state * 1664525 + 1013904223;
        return (state >> 8) % bound;
    };
    int good = 0;
    for (int round = 0; round < 30'000; ++round) {
        std::string text = random(2) == 0 ? "$" : "";
        for (auto count = random(8); count > 0; --count)
            text += pieces[random(std::size(pieces))];
        CAPTURE(text);
        auto result = parse_path(text, PathNames::Computed);
        if (const auto* error = std::get_if<SyntaxError>(&result)) {
            REQUIRE(error->offset <= text.size());
            continue;
        }
        ++good;
        const auto& path = std::get<Path>(result);
        REQUIRE(path_of(to_string(path), PathNames::Computed) == path);
    }
    CHECK(good > 1000);
}

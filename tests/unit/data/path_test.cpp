// Paths: what they find, how they are read and written, and what is wrong with those that are none.
#include "vm/data/path.h"

#include <cstdint>
#include <string>

#include "tests/unit/data/values.h"

namespace relux::data {

namespace {

constexpr std::string_view kDocument = R"({
    "status": 200,
    "header": {"Content-Type": ["text/html", "x"], "X-Empty": []},
    "data": {
        "token": "t1",
        "nothing": null,
        "users": [{"id": 1, "name": "ann"}, {"id": 2}, {"id": 3, "name": "cem"}],
        "a b": {"c.d": 7, "q\"'": 8},
        "grid": [[1, 2], [3, 4]],
        "$ref": 9,
        "größe": 10
    }
})";

struct FindingCase {
    std::string_view path;
    std::string_view found;
};
constexpr FindingCase kFindingCases[] = {
    {"$.status", "200"},
    {"$.data.token", R"("t1")"},
    {"$.data.nothing", "null"},
    {"$.data.missing", "nothing"},
    {"$.data.token.deeper", "nothing"},
    {"$.data.nothing.deeper", "nothing"},
    {"$.Status", "nothing"},
    {"$.header.Content-Type[0]", R"("text/html")"},
    {"$.header.X-Empty[0]", "nothing"},
    {"$.header['Content-Type'][-1]", R"("x")"},
    {"$.data.users[0].name", R"("ann")"},
    {"$.data.users[1].name", "nothing"},
    {"$.data.users[-1].id", "3"},
    {"$.data.users[-3].id", "1"},
    {"$.data.users[-4]", "nothing"},
    {"$.data.users[3]", "nothing"},
    {"$.data.users[9223372036854775807]", "nothing"},
    {"$.data.users[-9223372036854775808]", "nothing"},
    {"$.data.token[0]", "nothing"},
    {"$.data[0]", "nothing"},
    {"$.data.users.id", "nothing"},
    {"$.data.users[*].id", "[1,2,3]"},
    {"$.data.users[*].name", R"(["ann","cem"])"},
    {"$.data.users.*.id", "[1,2,3]"},
    {"$.data.users[*].missing", "[]"},
    {"$.missing[*]", "[]"},
    {"$.data.token[*]", "[]"},
    {"$.header[*]", R"([["text/html","x"],[]])"},
    {"$.header[*][*]", R"(["text/html","x"])"},
    {"$.data.users[0:2].id", "[1,2]"},
    {"$.data.users[1:].id", "[2,3]"},
    {"$.data.users[:1].id", "[1]"},
    {"$.data.users[:].id", "[1,2,3]"},
    {"$.data.users[-2:].id", "[2,3]"},
    {"$.data.users[:-1].id", "[1,2]"},
    {"$.data.users[2:1]", "[]"},
    {"$.data.users[-100:100].id", "[1,2,3]"},
    {"$.data.users[5:9]", "[]"},
    {"$.data.users[-4:].id", "[1,2,3]"},
    {"$.data.users[:-4]", "[]"},
    {"$.data.users[:4].id", "[1,2,3]"},
    {"$.data.users[1:2]", R"([{"id":2}])"},
    {"$.data.token[0:1]", "[]"},
    {"$.data.grid[*][0]", "[1,3]"},
    {"$.data.grid[0:2][1:]", "[2,4]"},
    {"$..id", "[1,2,3]"},
    {"$..name", R"(["ann","cem"])"},
    {"$..missing", "[]"},
    {"$..users[0].id", "[1]"},
    {"$..grid..[0]", "[[1,2],1,3]"},
    {"$.data.grid..*", "[[1,2],[3,4],1,2,3,4]"},
    {"$.data.grid..[*]", "[[1,2],[3,4],1,2,3,4]"},
    {"$..data..id", "[1,2,3]"},
    {"$.data.users..id", "[1,2,3]"},
    {"$.data[\"a b\"][\"c.d\"]", "7"},
    {"$.data['a b']['c.d']", "7"},
    {"$.data['a b']['q\"\\'']", "8"},
    {"$.data[\"a b\"][\"q\\\"'\"]", "8"},
    {"$.data.$ref", "9"},
    {"$.data['$ref']", "9"},
    {"$.data.größe", "10"},
    {"$.data['gr\\u00f6\\u00dfe']", "10"},
    {"$.data.users[ 0 ].id", "1"},
    {"$.data.users[ 0 : 1 ].id", "[1]"},
    {"  $.status  ", "200"},
    {"data.token", R"("t1")"},
    {"status", "200"},
    {"data.users[*].id", "[1,2,3]"},
    {"['status']", "200"},
    {"..id", "[1,2,3]"},
    {"res.status", "200"},
    {"res.data.users[0].id", "1"},
    {"res.missing", "nothing"},
    {"$.res.status", "nothing"},
    {"['res'].status", "nothing"},
    {"response.status", "nothing"},
};

}  // namespace

TEST_CASE("what paths find") {
    auto document = value_of(kDocument);
    for (const auto& one : kFindingCases) {
        CAPTURE(one.path);
        auto path = parse_path(one.path);
        REQUIRE(path);
        auto found = evaluate(*path, document);
        CHECK((found ? compact_json(*found) : "nothing") == one.found);
        auto again = parse_path(to_string(*path));
        REQUIRE(again);
        CHECK(*again == *path);
        CHECK((path->gives_list() ? found && found->is_array() : true));
    }
}

TEST_CASE("paths into a list, and into what is neither list nor map") {
    auto rows = value_of(R"([{"cnt": 5}, {"cnt": 6}])");
    CHECK(evaluate(path_of("$[0].cnt"), rows) == Json(5));
    CHECK(evaluate(path_of("[1].cnt"), rows) == Json(6));
    CHECK(evaluate(path_of("$[*].cnt"), rows) == value_of("[5,6]"));
    CHECK(evaluate(path_of("*.cnt"), rows) == value_of("[5,6]"));
    CHECK(evaluate(path_of("$"), rows) == rows);
    CHECK(evaluate(path_of("$"), Json("text")) == Json("text"));
    CHECK(evaluate(path_of("$"), Json()) == Json());
    CHECK_FALSE(evaluate(path_of("$[0]"), value_of("[]")));
    CHECK_FALSE(evaluate(path_of("$.a"), Json("text")));
    CHECK(evaluate(path_of("$..a"), Json("text")) == Json::array());
}

TEST_CASE("a slice that begins just before the list begins with it") {
    auto list = value_of("[1,2,3]");
    auto found = select(path_of("$[-4:]"), list);
    REQUIRE(found.size() == 3);
    CHECK(found.front() == &list.front());
}

TEST_CASE("res is the document, unless the document has a member of that name") {
    auto with_member = value_of(R"({"res": {"status": 1}, "status": 2})");
    CHECK(evaluate(path_of("res.status"), with_member) == Json(1));
    CHECK(evaluate(path_of("res"), value_of(R"({"a": 1})")) == value_of(R"({"a": 1})"));
    CHECK(evaluate(path_of("res[0]"), value_of("[4]")) == Json(4));
    CHECK(to_string(path_of("res.status")) == "res.status");
    CHECK(to_string(path_of("$.res.status")) == "$.res.status");
}

TEST_CASE("paths are written in one form") {
    struct Case {
        std::string_view path;
        std::string_view written;
    };
    constexpr Case kCases[] = {
        {"$", "$"},
        {"a", "$.a"},
        {"a.b[0]", "$.a.b[0]"},
        {"$['a']", "$.a"},
        {"$['a b']", "$[\"a b\"]"},
        {"$.*", "$[*]"},
        {"$..*", "$..[*]"},
        {"$..a.b", "$..a.b"},
        {"$..['a b']", "$..[\"a b\"]"},
        {"$[ -1 ]", "$[-1]"},
        {"$[007]", "$[7]"},
        {"$[ : 3 ]", "$[:3]"},
        {"$[1:]", "$[1:]"},
        {"$['']", "$[\"\"]"},
        {"$['\\n']", "$[\"\\n\"]"},
    };
    for (const auto& one : kCases) {
        CAPTURE(one.path);
        CHECK(to_string(path_of(one.path)) == one.written);
    }
    CHECK(variable_text(path_of("user.names[0].first")) == "user.names[0].first");
    CHECK(variable_text(path_of("user.names[0].first"), 2) == "user.names");
}

TEST_CASE("what is no path says where and why") {
    struct Case {
        std::string_view path;
        std::string_view message;
    };
    constexpr Case kCases[] = {
        {"", "column 1: the path is empty; `$` is the whole document"},
        {"  ", "column 3: the path is empty; `$` is the whole document"},
        {"$a", "column 2: expected `.` or `[` after `$`, got `a`"},
        {"$.", "column 3: expected a name, got the end"},
        {"$..", "column 4: expected a name, got the end"},
        {"$...a", "column 4: expected a name, got `.`"},
        {"$.a.", "column 5: expected a name, got the end"},
        {"$.a..", "column 6: expected a name, got the end"},
        {".a", "column 1: expected a name, got `.`"},
        {"$.a b", "column 4: expected `.`, `..` or `[`, got ` `"},
        {"$.größe é", "column 8: expected `.`, `..` or `[`, got ` `"},
        {"$.a]", "column 4: expected `.`, `..` or `[`, got `]`"},
        {"$[", "column 3: expected an index, `*`, a slice or a quoted name, got the end"},
        {"$[]", "column 3: expected an index, `*`, a slice or a quoted name, got `]`"},
        {"$[a]", "column 3: expected an index, `*`, a slice or a quoted name, got `a`"},
        {"$[-]", "column 3: expected an index, `*`, a slice or a quoted name, got `-`"},
        {"$[1", "column 4: expected `]`, got the end"},
        {"$[1.5]", "column 4: expected `]`, got `.`"},
        {"$[1}", "column 4: expected `]`, got `}`"},
        {"$[1:2:3]", "column 6: a slice has no step: `[from:to]`"},
        {"$[1,2]", "column 4: lists of indexes are not supported"},
        {"$['a','b']", "column 6: lists of indexes are not supported"},
        {"$[?(@.a)]", "column 3: filters (`[?...]`) are not supported"},
        {"$['a", "column 3: the quoted name does not end"},
        {"$[\"a']", "column 3: the quoted name does not end"},
        {"$['a\\", "column 3: the quoted name does not end"},
        {"$['\\x']", "column 3: the quoted name is not a JSON string"},
        {"$[99999999999999999999]", "column 3: the index is too large"},
        {"$[0:99999999999999999999]", "column 5: the index is too large"},
        {"$.a\"b", "column 4: expected `.`, `..` or `[`, got `\"`"},
        {"*a", "column 2: expected `.`, `..` or `[`, got `a`"},
        {"{{ a }}", "column 1: expected a name, got `{`"},
        {"length(a)", "column 7: expected `.`, `..` or `[`, got `(`"},
    };
    for (const auto& one : kCases) {
        CAPTURE(one.path);
        auto path = parse_path(one.path);
        REQUIRE_FALSE(path);
        CHECK(path.error().message == one.message);
        CHECK(one.message.starts_with("column " + std::to_string(path.error().code) + ":"));
    }
}

TEST_CASE("several descents find each value once, however deep the document is") {
    auto deep = value_of(std::string(400, '[') + R"({"a": 1})" + std::string(400, ']'));
    auto found = select(path_of("$..*..*..*..*..a"), deep);
    REQUIRE(found.size() == 1);
    CHECK(*found.front() == Json(1));
    auto twice = value_of(R"({"a": {"a": {"b": 1}}})");
    CHECK(evaluate(path_of("$..a..b"), twice) == value_of("[1]"));
}

TEST_CASE("any text is either a path that is written and read again, or an error with a column") {
    constexpr std::string_view kPieces[] = {"$", ".",    "..",  "[", "]",  "*",    "a", "b c",
                                            "'", "\"",   "\\",  "0", "-1", ":",    ",", " ",
                                            "é", "\xff", "res", "?", "\n", "u00e9"};
    std::uint32_t state = 12345;
    auto random = [&state](std::uint32_t bound) {
        state = state * 1664525 + 1013904223;
        return (state >> 8) % bound;
    };
    auto document = value_of(kDocument);
    int good = 0;
    for (int round = 0; round < 30'000; ++round) {
        std::string text = random(2) == 0 ? "$" : "";
        for (auto count = random(8); count > 0; --count)
            text += kPieces[random(std::size(kPieces))];
        CAPTURE(text);
        auto path = parse_path(text);
        if (!path) {
            REQUIRE(path.error().code >= 1);
            continue;
        }
        ++good;
        evaluate(*path, document);
        auto again = parse_path(to_string(*path));
        REQUIRE(again);
        // Bytes that are not UTF-8 can't stand between quotes.
        if (text.find('\xff') == std::string::npos) REQUIRE(*again == *path);
    }
    CHECK(good > 1000);
}

}  // namespace relux::data

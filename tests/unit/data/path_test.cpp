// What paths find; how they are read and written is tests/unit/value/path_test.cpp's.
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

TEST_CASE("what is no path says at which character and why") {
    struct Case {
        std::string_view path;
        std::string_view message;
    };
    constexpr Case kCases[] = {
        {"", "column 1: a path is empty; `$` is the whole document"},
        {"$.a b", "column 4: a name cannot hold ` `; write it in brackets: [\"a name\"]"},
        {"$.größe é", "column 8: a name cannot hold ` `; write it in brackets: [\"a name\"]"},
        {"$.größe[",
         "column 9: a number, `*`, a slice `a:b` or a quoted name is wanted after `[`, not the end"},
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

TEST_CASE("any path finds something or not, any other text has an error with a column") {
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
        const auto found = evaluate(*path, document);
        CHECK((!path->gives_list() || found->is_array()));
    }
    CHECK(good > 1000);
}

}  // namespace relux::data

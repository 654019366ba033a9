// `.env` files: what is written is what is set.
#include "tools/cli/environment.h"

#include <doctest/doctest.h>

#include "tests/unit/cli/project_directory.h"

using namespace relux::cli;

TEST_CASE("the forms of a line") {
    auto parsed = parse_dotenv(
        "# comment\n\nA=1\n  export B = two words \r\nC='as $is # \\n'\nD=\"a\\n\\\"b\\\" \\$x \\q\" # tail\n"
        "E=#fff # not this\nF=\nA=2",
        ".env");
    REQUIRE(parsed);
    CHECK(*parsed == Environment{{"A", "2"},
                                 {"B", "two words"},
                                 {"C", "as $is # \\n"},
                                 {"D", "a\n\"b\" $x \\q"},
                                 {"E", "#fff"},
                                 {"F", ""}});
}

TEST_CASE("a line that is none of them is an error with its number") {
    for (auto line : {"novalue", "1A=x", "=x", "A=\"open", "A='open", "A=\"x\" y"}) {
        CAPTURE(line);
        auto parsed = parse_dotenv("OK=1\n" + std::string(line) + "\n", "p/.env");
        REQUIRE(!parsed);
        CHECK(parsed.error().message == "p/.env:2: expected NAME=value");
    }
}

TEST_CASE("the root's file lies over the host's variables") {
    ProjectDirectory project;
    auto host = base_environment(project.root());
    REQUIRE(host);
    CHECK(host->contains("PATH"));
    project.write(".env", "PATH=/only/this\nNEW=1\n");
    auto both = base_environment(project.root());
    REQUIRE(both);
    CHECK(both->at("PATH") == "/only/this");
    CHECK(both->at("NEW") == "1");
}

TEST_CASE("the runtime's own names are known") {
    CHECK(is_runtime_variable("__RELUX"));
    CHECK(is_runtime_variable("__RELUX_SUITE_ROOT"));
    CHECK(!is_runtime_variable("__RELUX_"));
    CHECK(!is_runtime_variable("HOME"));
}

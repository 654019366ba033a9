// `.env` files: the forms of a line, references, layers, and which line set a variable.
#include "tools/project/environment.h"

#include <doctest/doctest.h>

#include "tests/unit/cli/project_directory.h"

using namespace relux::cli;
using relux::run::EnvironmentLayer;

namespace {

Environment parsed(std::string_view text, Environment before = {}) {
    EnvironmentLayer layer{std::move(before), {}};
    auto added = add_dotenv(layer, text, ".env");
    REQUIRE_MESSAGE(added, added.error().message);
    return layer.variables;
}

std::string complaint(std::string_view line) {
    EnvironmentLayer layer;
    auto added = add_dotenv(layer, "OK=1\n" + std::string(line) + "\n", "p/.env");
    return added ? "none" : added.error().message;
}

}  // namespace

TEST_CASE("the forms of a line") {
    CHECK(parsed("# comment\n\nA=1\n  export B = two words \r\nC='as $is # \\n'\n"
                 "D=\"a\\n\\\"b\\\" \\$x \\q\" # tail\nE=#fff # not this\nF=\nA=2\nexport\tG=g") ==
          Environment{{"A", "2"},
                      {"B", "two words"},
                      {"C", "as $is # \\n"},
                      {"D", "a\n\"b\" $x \\q"},
                      {"E", "#fff"},
                      {"F", ""},
                      {"G", "g"}});
    CHECK(parsed("\xef\xbb\xbfX=1") == Environment{{"X", "1"}});
}

TEST_CASE("references see earlier lines and what lay below, not later lines") {
    CHECK(
        parsed(
            "A=${HOST}/a\nB=\"${A}:$A\"\nC='${A}'\nD=[${LATER}]\nLATER=x\nE=\"\\${A}\"\nHOST=new\nF=${HOST}",
            {{"HOST", "h"}}) == Environment{{"A", "h/a"},
                                            {"B", "h/a:$A"},
                                            {"C", "${A}"},
                                            {"D", "[]"},
                                            {"LATER", "x"},
                                            {"E", "${A}"},
                                            {"HOST", "new"},
                                            {"F", "new"}});
    CHECK(parsed("PATH=/first:${PATH}", {{"PATH", "/bin"}}).at("PATH") == "/first:/bin");
}

TEST_CASE("a line that is none of them is an error with its number and what was expected") {
    for (auto line : {"novalue", "1A=x", "=x", "export", "A B=1"})
        CHECK(complaint(line) == "p/.env:2: expected NAME=value");
    CHECK(complaint("A=\"open") == "p/.env:2: the quote \" is never closed: a value ends on its line");
    CHECK(complaint("A='open") == "p/.env:2: the quote ' is never closed: a value ends on its line");
    for (auto line : {"A=\"x\" y", "A='x'y"})
        CHECK(complaint(line) ==
              "p/.env:2: expected the end of the line or a `#` comment after the closing quote");
    for (auto line : {"A=${", "A=${}", "A=\"${A:-x}\"", "A=${1}"})
        CHECK(complaint(line) == "p/.env:2: expected ${NAME}; single quotes keep `${` as it is");
    CHECK(complaint("A=${__RELUX_TEST_ID}") ==
          "p/.env:2: ${__RELUX_TEST_ID} is not known yet: the runtime sets it for each test");
    CHECK(complaint(std::string_view("A=x\0y", 5)) == "p/.env:2: a NUL byte can't be part of a variable");
}

TEST_CASE("the runtime's own names are passed over") {
    CHECK(parsed("__RELUX=x\n__RELUX_RUN_ID=forged\n__RELUX_OTHER=y\n") ==
          Environment{{"__RELUX_OTHER", "y"}});
    CHECK(is_runtime_variable("__RELUX"));
    CHECK(is_runtime_variable("__RELUX_SUITE_ROOT"));
    CHECK(!is_runtime_variable("__RELUX_"));
    CHECK(!is_runtime_variable("HOME"));
}

TEST_CASE("layers lie over the host's variables, the nearest directory last") {
    ProjectDirectory project;
    project.write(".env", "PATH=/only/this\nA=root\nROOT=1\nHERE=${__RELUX_SUITE_ROOT}/x\n");
    project.write("relux/tests/.env", "\nA=tests\nB=${A} of ${ROOT}\n");
    project.write("relux/tests/deep/er/.env", "A=${A}, deeper");
    const auto file = project.root() / "relux/tests/deep/er/t.relux";
    auto layers =
        EnvironmentLayers::read(project.root(), {file, project.root() / "relux/tests/a.relux"}, "dumb");
    REQUIRE(layers);
    const auto moved = std::move(*layers);
    CHECK(moved.root().variables.at("PATH") == "/only/this");
    CHECK(moved.root().variables.at("HERE") == project.root().string() + "/x");
    CHECK(moved.root().variables.contains("HOME") == (::getenv("HOME") != nullptr));
    CHECK(!moved.root().variables.contains("B"));
    const auto& tests = moved.of_module("relux/tests/a.relux");
    CHECK(tests.variables.at("B") == "tests of 1");
    CHECK(tests.places.at("A") == "relux/tests/.env:2");
    CHECK(tests.places.at("ROOT") == ".env:3");
    CHECK(!tests.places.contains("HOME"));
    const auto& deep = moved.of_module("relux/tests/deep/er/t.relux");
    CHECK(deep.variables.at("A") == "tests, deeper");
    CHECK(deep.places.at("A") == "relux/tests/deep/er/.env:1");
    CHECK(deep.variables.at("B") == "tests of 1");
    // Directories without a file share, those that were not read have what lies above.
    CHECK(&moved.of_module("relux/tests/deep/x.relux") == &tests);
    CHECK(&moved.of_module("relux/tests/other/x.relux") == &tests);
    CHECK(&moved.of_module("relux/lib/x.relux") == &moved.root());
    CHECK(&moved.of_module("/elsewhere/x.relux") == &moved.root());
}

TEST_CASE("what lies below all layers is put right for shells") {
    struct Variable {
        const char* name;
        const char* of_the_host;
        const char* dumb;  // null: unset
        const char* xterm;
    };
    const Variable variables[] = {
        {"COLUMNS", "40", nullptr, nullptr},
        {"LINES", "10", nullptr, nullptr},
        {"PAGER", "less", "cat", "cat"},
        {"GIT_PAGER", nullptr, "cat", "cat"},
        {"SYSTEMD_PAGER", "more", "cat", "cat"},
        {"MANPAGER", "", "cat", "cat"},
        {"PSQL_PAGER", "pspg", "cat", "cat"},
        {"NO_COLOR", "0", "1", "0"},
        {"RELUX_UNIT_OTHER", "less", "less", "less"},
    };
    for (const auto& variable : variables) {
        if (variable.of_the_host == nullptr) {
            ::unsetenv(variable.name);
        } else {
            ::setenv(variable.name, variable.of_the_host, 1);
        }
    }
    ProjectDirectory project;
    project.write("relux/tests/.env", "COLUMNS=100\nPAGER=less\nBEFORE=${GIT_PAGER}${LINES}\nNO_COLOR=\n");
    const auto file = (project.root() / "relux/tests/a.relux").string();
    for (const std::string term : {"dumb", "xterm"}) {
        CAPTURE(term);
        const auto layers = EnvironmentLayers::read(project.root(), {file}, term);
        REQUIRE(layers);
        const auto& root = layers->root().variables;
        for (const auto& variable : variables) {
            CAPTURE(variable.name);
            const char* expected = term == "dumb" ? variable.dumb : variable.xterm;
            REQUIRE(root.contains(variable.name) == (expected != nullptr));
            if (expected != nullptr) CHECK(root.at(variable.name) == expected);
        }
        const auto& tests = layers->of_module("relux/tests/a.relux").variables;
        CHECK(tests.at("COLUMNS") == "100");
        CHECK(tests.at("PAGER") == "less");
        CHECK(tests.at("NO_COLOR").empty());
        CHECK(tests.at("BEFORE") == "cat");
        CHECK(!tests.contains("LINES"));
    }
    for (const auto& variable : variables)
        ::unsetenv(variable.name);
}

TEST_CASE("a mistake in any layer names the file below the root") {
    ProjectDirectory project;
    project.write("relux/tests/.env", "A=1\nB\n");
    auto layers = EnvironmentLayers::read(project.root(), {project.root() / "relux/tests/a.relux"}, "dumb");
    REQUIRE(!layers);
    CHECK(layers.error().message == "relux/tests/.env:2: expected NAME=value");
    std::filesystem::remove(project.root() / "relux/tests/.env");
    std::filesystem::create_directory(project.root() / "relux/tests/.env");
    CHECK(EnvironmentLayers::read(project.root(), {project.root() / "relux/tests/a.relux"}, "dumb"));
}

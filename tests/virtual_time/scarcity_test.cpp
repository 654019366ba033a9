// How many shells a test needs, and what happens where there are fewer.
#include <algorithm>
#include <cerrno>

#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"
#include "vm/exec/shell_need.h"

namespace relux::virtual_time {

namespace {

using report::OutcomeKind;

exec::ShellNeed need_of(std::string_view source) {
    ScriptedSuite suite;
    suite.settings.environment["NAME"] = "of the environment";
    const auto program = suite.compile(source);
    const auto* module = program->find_module("relux/tests/main.relux");
    return exec::shell_need_of(*module, module->code.tests[0]);
}

void check_need(std::string_view source, std::size_t least, std::size_t most) {
    CAPTURE(source);
    const auto need = need_of(source);
    CHECK(need.least == least);
    CHECK(need.most == most);
}

std::string single_shell_tests(int count) {
    std::string source;
    for (int number = 0; number < count; ++number)
        source += "test \"t" + std::to_string(number) + "\" {\n shell s {\n  sleep(\"1s\")\n }\n}\n";
    return source;
}

constexpr std::string_view kEffect =
    "effect E {\n expect NAME\n expose shell kept\n shell hidden {\n  > true\n }\n shell kept {\n  > true\n "
    "}\n}\n";

}  // namespace

TEST_CASE("a test's own shells are open together, each once") {
    check_need("test \"t\" {\n let x = \"1\"\n}\n", 0, 0);
    check_need(
        "test \"t\" {\n shell a {\n  > true\n }\n shell b {\n  > true\n }\n shell a {\n  > true\n }\n}\n", 2,
        2);
    check_need("test \"t\" {\n cleanup {\n  > true\n }\n}\n", 1, 1);
}

TEST_CASE("of an effect's shells those that it exposes stay") {
    const auto effect = std::string(kEffect);
    check_need(effect + "test \"t\" {\n start E as e {\n  NAME = \"1\"\n }\n}\n", 2, 2);
    check_need(effect +
                   "test \"t\" {\n start E as e {\n  NAME = \"1\"\n }\n shell a {\n  > true\n }\n"
                   " shell e.kept {\n  > true\n }\n}\n",
               2, 2);
    check_need(effect +
                   "test \"t\" {\n start E as e {\n  NAME = \"1\"\n }\n shell a {\n  > true\n }\n"
                   " shell b {\n  > true\n }\n}\n",
               3, 3);
}

TEST_CASE("an effect counts as often as it can have an instance") {
    const auto effect = std::string(kEffect);
    // Whether the values differ is known at run time.
    check_need(
        effect +
            "test \"t\" {\n start E as a {\n  NAME = \"1\"\n }\n start E as b {\n  NAME = \"2\"\n }\n}\n",
        2, 4);
    check_need(effect + "test \"t\" {\n start E as a\n start E as b\n}\n", 2, 2);
    // Its dependency is shared, whatever the overlay of others says.
    check_need(
        "effect D {\n expose shell d\n shell d {\n  > true\n }\n}\n"
        "effect E {\n start D\n expose shell e\n shell e {\n  > true\n }\n}\n"
        "effect F {\n start D\n expose shell f\n shell f {\n  > true\n }\n}\n"
        "test \"t\" {\n start E\n start F {\n  X = \"1\"\n }\n}\n",
        3, 3);
}

TEST_CASE("a shell that can't be opened waits for another test, and fewer tests run from then on") {
    for (const int code : {EMFILE, ENOSPC, EAGAIN}) {
        ScriptedSuite suite;
        suite.settings.jobs = 8;
        suite.loop.limit_shells(3, Error{"there are no more", code});
        const auto result = suite.run(single_shell_tests(12));
        for (const auto& test : result.results)
            CHECK(test.outcome == OutcomeKind::Passed);
        CHECK(result.statistics.shells_at_once == 3);
        CHECK(result.duration >= 4s);
        CHECK(result.duration < 5s);
    }
}

TEST_CASE("a shell that nobody can give back to fails at once, and the test after it runs") {
    ScriptedSuite suite;
    suite.loop.limit_shells(2, Error{"there are no more", ENOSPC});
    const auto result = suite.run(
        "test \"too large\" {\n shell a {\n  > true\n }\n shell b {\n  > true\n }\n shell c {\n  > true\n "
        "}\n}\n" +
        single_shell_tests(1));
    CHECK(result.results[0].outcome == OutcomeKind::Failed);
    CHECK(result.results[0].failure->summary == "runtime error in shell 'c': there are no more");
    CHECK(result.results[0].duration < 1s);
    CHECK(result.results[1].outcome == OutcomeKind::Passed);
}

}  // namespace relux::virtual_time

// Cleanups (language 13): order, always, bounded, never changing the outcome.
#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

using report::OutcomeKind;

TEST_CASE(
    "cleanups run after the shells have ended: the test's, then dependents before what they depend on") {
    ScriptedSuite suite;
    std::string order;
    auto script = ordinary_shell();
    script.on_send("clean *", 1ms, [&order](std::string_view command) {
        order += std::string(command.substr(6)) + " ";
        return std::string("done\r\n");
    });
    suite.loop.set_script(script);
    const auto result = suite.run(R"(effect Db {
    expose s
    shell s {
    }
    cleanup {
        > clean db
        <? ^done$
    }
}
effect Api {
    start Db
    expose s
    shell s {
    }
    cleanup {
        > clean api
        <? ^done$
    }
}
test "t" {
    let name = "test"
    start Db
    start Api
    shell s {
        <@1s? ^never$
    }
    cleanup {
        > clean ${name}
        <? ^done$
    }
}
)");
    CHECK(result.results[0].outcome == OutcomeKind::Failed);
    CHECK(order == "test api db ");
    CHECK(result.results[0].warnings.empty());
}

TEST_CASE("a failing cleanup is a warning") {
    ScriptedSuite suite;
    const auto result = suite.run("test \"t\" {\n shell s {\n }\n cleanup {\n  <@1s? ^never$\n }\n}\n");
    CHECK(result.results[0].outcome == OutcomeKind::Passed);
    REQUIRE(result.results[0].warnings.size() == 1);
    CHECK(result.results[0].warnings[0] ==
          "cleanup of t failed: match timeout in shell 'cleanup': timed out waiting for ^never$");
}

TEST_CASE("a cleanup is bounded as a whole, and runs after an interrupt") {
    ScriptedSuite suite;
    suite.loop.interrupt_at(suite.loop.now() + 1s, 2);
    const auto result =
        suite.run("test \"t\" {\n shell s {\n  <~60s? ^never$\n }\n cleanup {\n  sleep(\"10m\")\n }\n}\n");
    CHECK(result.interrupted);
    CHECK(result.results[0].outcome == OutcomeKind::Cancelled);
    CHECK(ScriptedSuite::summary(result) == "cancelled (interrupt)");
    CHECK(result.duration == 31s);
    CHECK(result.results[0].warnings[0] == "cleanup of t failed: cancelled (cleanup timeout)");
}

TEST_CASE("a second interrupt ends cleanups too") {
    ScriptedSuite suite;
    suite.loop.interrupt_at(suite.loop.now() + 1s, 2);
    suite.loop.interrupt_at(suite.loop.now() + 2s, 2);
    const auto result =
        suite.run("test \"t\" {\n shell s {\n  <~60s? ^never$\n }\n cleanup {\n  sleep(\"10m\")\n }\n}\n");
    CHECK(result.duration == 2s);
}

}  // namespace relux::virtual_time

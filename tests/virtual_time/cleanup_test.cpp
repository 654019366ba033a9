// Cleanups (language 13): order, always, bounded, never changing the outcome.
#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

using report::OutcomeKind;

namespace {

/// Its shells answer `clean NAME` with `done`, and the names are put together in `order`, which outlives it.
void note_cleanups(ScriptedSuite& suite, std::string& order) {
    auto script = ordinary_shell();
    script.on_send("clean *", 1ms, [&order](std::string_view command) {
        order += std::string(command.substr(6)) + " ";
        return std::string("done\r\n");
    });
    suite.loop.set_script(script);
}

}  // namespace

TEST_CASE(
    "cleanups run after the shells have ended: the test's, then dependents before what they depend on") {
    ScriptedSuite suite;
    std::string order;
    note_cleanups(suite, order);
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

TEST_CASE("an effect cleans up if it got past its lets and dependencies, whatever came of it then") {
    struct Case {
        const char* preamble;    // of Inner
        const char* statement;   // of Inner's shell
        const char* cleaned_up;  // in order
    };
    const Case cases[] = {
        {"", "> echo good", "test outer inner "},
        {"", "<@1s? ^never$", "test inner "},
        {"    \"a\" ? b", "> echo good", "test "},
        {"    let x = split(\"a\", \"b\", \"no\")\n    x ? ^", "> echo good", "test "},
    };
    for (const auto& test : cases) {
        CAPTURE(test.cleaned_up);
        ScriptedSuite suite;
        std::string order;
        note_cleanups(suite, order);
        const auto result = suite.run(R"(effect Inner {
)" + std::string(test.preamble) + R"(
    expose s
    shell s {
        )" + test.statement + R"(
    }
    cleanup {
        > clean inner
        <? ^done$
    }
}
effect Outer {
    start Inner
    expose s
    shell s {
    }
    cleanup {
        > clean outer
        <? ^done$
    }
}
test "t" {
    start Outer
    shell s {
    }
    cleanup {
        > clean test
        <? ^done$
    }
}
)");
        CHECK(order == test.cleaned_up);
        CHECK((result.results[0].outcome == OutcomeKind::Passed) == (order == "test outer inner "));
    }
}

TEST_CASE(
    "an effect that is set up beside one that fails cleans up; one that never came to its turn does not") {
    ScriptedSuite suite;
    std::string order;
    note_cleanups(suite, order);
    suite.run(R"(effect Bad {
    let port = "1"
    expose var port
    shell s {
        <@1s? ^never$
    }
    cleanup {
        > clean bad
        <? ^done$
    }
}
effect Slow {
    shell s {
        sleep("10s")
    }
    cleanup {
        > clean slow
        <? ^done$
    }
}
effect Waits {
    expect PORT
    shell s {
    }
    cleanup {
        > clean waits
        <? ^done$
    }
}
test "t" {
    start Slow
    start Bad as bad
    start Waits { PORT = bad.port }
    shell s {
    }
}
)");
    CHECK(order.find("bad") != std::string::npos);
    CHECK(order.find("slow") != std::string::npos);
    CHECK(order.find("waits") == std::string::npos);
}

TEST_CASE("a failing cleanup is a warning") {
    ScriptedSuite suite;
    const auto result = suite.run("test \"t\" {\n shell s {\n }\n cleanup {\n  <@1s? ^never$\n }\n}\n");
    CHECK(result.results[0].outcome == OutcomeKind::Passed);
    REQUIRE(result.results[0].warnings.size() == 1);
    CHECK(result.results[0].warnings[0] ==
          "cleanup of t failed: match timeout in shell '__cleanup': timed out waiting for ^never$");
}

TEST_CASE("a cleanup is bounded as a whole, and runs after an interrupt") {
    ScriptedSuite suite;
    suite.loop.interrupt_at(suite.loop.now() + 1s, 2);
    const auto result =
        suite.run("test \"t\" {\n shell s {\n  <~60s? ^never$\n }\n cleanup {\n  sleep(\"10m\")\n }\n}\n");
    CHECK(result.interrupted);
    CHECK(result.results[0].outcome == OutcomeKind::Cancelled);
    CHECK(ScriptedSuite::summary(result) == "cancelled (sigint)");
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

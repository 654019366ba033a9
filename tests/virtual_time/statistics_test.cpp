// Where the time of a run went, to the nanosecond.
#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

namespace {

using report::ShellWork;

io::ShellScript slow_shell() {
    io::ShellScript script;
    script.prompt_from_environment().start_delay(7ms);
    script.on_send("work", 300ms, "done\r\n").on_send("hang", 0ms, "boom\r\n");
    return script;
}

}  // namespace

TEST_CASE("each kind of work of a shell is counted for as long as it takes") {
    ScriptedSuite suite;
    suite.loop.set_script(slow_shell());
    const auto result = suite.run(R"(test "t" {
    shell s {
        > work
        <? ^done$
        sleep("2s")
        > work
        <? ^done$
    }
}
)");
    const auto& statistics = result.statistics;
    CHECK(statistics.shells == 1);
    CHECK(statistics.shells_at_once == 1);
    CHECK(statistics.shells_open == 0);
    CHECK(statistics.of(ShellWork::Starting).count == 1);
    CHECK(statistics.of(ShellWork::Starting).total == 7ms);
    CHECK(statistics.of(ShellWork::Waiting).count == 2);
    CHECK(statistics.of(ShellWork::Waiting).total == 600ms);
    CHECK(statistics.of(ShellWork::Waiting).longest == 300ms);
    CHECK(statistics.of(ShellWork::Sleeping).total == 2s);
    CHECK(statistics.of(ShellWork::Ending).count == 1);
    CHECK(statistics.sends == 2);
    CHECK(statistics.bytes_sent == 10);
    CHECK(statistics.matches == 2);
    CHECK(statistics.timeouts == 0);
    CHECK(statistics.attempts.total == result.duration);
    CHECK(statistics.round_trips.count() == 2);
}

TEST_CASE("the slowest tests and waits are named, with their places") {
    ScriptedSuite suite;
    suite.loop.set_script(slow_shell());
    const auto result = suite.run(R"(test "quick" {
    shell s {
        > work
        <? ^done$
    }
}
test "slow" {
    shell s {
        <@1s? ^never$
    }
}
)");
    const auto& tests = result.statistics.slowest_tests.entries();
    REQUIRE(tests.size() == 2);
    CHECK(tests[0].name == "slow");
    CHECK(tests[1].name == "quick");
    const auto& waits = result.statistics.slowest_waits.entries();
    REQUIRE(waits.size() == 2);
    CHECK(waits[0].duration == 1s);
    CHECK(waits[0].what == "^never$");
    CHECK(waits[0].place == "relux/tests/main.relux:9");
    CHECK(waits[0].shell == "s");
    CHECK(waits[0].name == "slow");
    CHECK(waits[1].duration == 300ms);
    CHECK(result.statistics.timeouts == 1);
}

TEST_CASE("a secret that is learned after a wait is not told with the wait") {
    ScriptedSuite suite;
    suite.loop.set_script(slow_shell());
    const auto result = suite.run(R"(test "t" {
    shell s {
        > work
        <? ^done$
    }
    shell s {
        let api_token = "done"
    }
}
)");
    REQUIRE(result.statistics.slowest_waits.entries().size() == 1);
    CHECK(result.statistics.slowest_waits.entries()[0].what == "^***$");
}

TEST_CASE("set-ups of effects, shared ones, and fail patterns that hit are counted") {
    ScriptedSuite suite;
    suite.loop.set_script(slow_shell());
    const auto result = suite.run(R"(effect Service {
    expose s
    shell s {
        > work
        <? ^done$
    }
}
test "t" {
    start Service as one
    start Service as two
    shell s {
        !? boom
        > hang
        <? ^never$
    }
}
)");
    CHECK(result.statistics.effects.count == 1);
    CHECK(result.statistics.effects.total == 307ms);
    CHECK(result.statistics.shared == 1);
    CHECK(result.statistics.fail_patterns == 1);
    CHECK(result.statistics.shells_at_once == 2);
}

}  // namespace relux::virtual_time

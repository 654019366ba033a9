// Time-outs (language 7): kinds, scaling, precedence and scoping, in exact times.
#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

namespace {

using report::FailureKind;
using report::OutcomeKind;

/// Runs one test whose only match can never succeed; how long it took.
Duration time_of(std::string_view source, double multiplier) {
    ScriptedSuite suite;
    suite.settings.timeout.multiplier = multiplier;
    const auto result = suite.run(source);
    REQUIRE(result.results[0].outcome == OutcomeKind::Failed);
    return result.results[0].duration;
}

}  // namespace

TEST_CASE("a tolerance is scaled, an assertion never") {
    struct Case {
        const char* source;
        Duration written;
        bool scales;
    };
    const Case cases[] = {
        {"test \"t\" {\n shell s {\n  <? ^never$\n }\n}\n", 5s, true},
        {"test \"t\" {\n shell s {\n  ~2s\n  <? ^never$\n }\n}\n", 2s, true},
        {"test \"t\" {\n shell s {\n  @2s\n  <? ^never$\n }\n}\n", 2s, false},
        {"test \"t\" {\n shell s {\n  @2s\n  <~3s? ^never$\n }\n}\n", 3s, true},
        {"test \"t\" {\n shell s {\n  ~2s\n  <@3s= never\n }\n}\n", 3s, false},
        {"test \"t\" ~1s {\n shell s {\n  <? ^never$\n }\n}\n", 1s, true},
        {"test \"t\" @1s {\n shell s {\n  <~9s? ^never$\n }\n}\n", 1s, false},
    };
    for (const auto& test : cases) {
        for (const double multiplier : {0.5, 1.0, 3.0}) {
            CAPTURE(test.source);
            CAPTURE(multiplier);
            const auto expected = test.scales ? Duration(static_cast<std::int64_t>(
                                                    static_cast<double>(test.written.count()) * multiplier))
                                              : test.written;
            CHECK(time_of(test.source, multiplier) == expected);
        }
    }
}

TEST_CASE("an inline time-out is for one operation") {
    ScriptedSuite suite;
    const auto result = suite.run(R"(test "t" {
    shell s {
        ~200ms
        > echo one
        <~3s? ^one$
        <? ^never$
    }
}
)");
    CHECK(ScriptedSuite::summary(result) == "match timeout in shell 's': timed out waiting for ^never$");
    CHECK(result.results[0].duration == 201ms);
    const auto& timeout = result.results[0].failure->timeout;
    REQUIRE(timeout);
    CHECK(timeout->timeout.written == 200ms);
    CHECK(timeout->origin == "relux/tests/main.relux:3");
}

TEST_CASE("a function inherits the time-out and gives it back with its kind") {
    ScriptedSuite suite;
    suite.settings.timeout.multiplier = 2.0;
    const auto result = suite.run(R"(fn patient() {
    ~10s
    > echo in
    <? ^in$
}
test "t" {
    shell s {
        @700ms
        patient()
        <? ^never$
    }
}
)");
    CHECK(result.results[0].failure->timeout->timeout.written == 700ms);
    CHECK(result.results[0].failure->timeout->timeout.is_assertion());
    CHECK(result.results[0].duration == 701ms);
}

TEST_CASE("a time-out lives on the shell across blocks and hand-overs") {
    ScriptedSuite suite;
    const auto result = suite.run(R"(effect E {
    expose s
    shell s {
        ~300ms
    }
}
test "t" {
    start E as e
    shell other {
        > echo x
        <? ^x$
    }
    shell e.s {
        <? ^never$
    }
}
)");
    CHECK(result.results[0].failure->timeout->timeout.written == 300ms);
}

TEST_CASE("the suite's time-out stops what runs and reports the rest as cancelled") {
    ScriptedSuite suite;
    suite.settings.timeout.suite = 2s;
    const auto result = suite.run(R"(test "first" {
    shell s {
        <? ^never$
    }
}
test "second" {
    shell s {
        > echo x
        <? ^x$
    }
}
)");
    CHECK(result.duration == 2s);
    for (const auto& test : result.results) {
        CHECK(test.outcome == OutcomeKind::Cancelled);
        CHECK(test.failure->summary == "cancelled (suite-timeout)");
    }
}

TEST_CASE("a time-out waits for nothing: not the run's end, not the next test, not the next attempt") {
    const std::string never = "test \"t\" {\n shell s {\n  <~1s? ^never$\n }\n}\n";
    ScriptedSuite suite;
    CHECK(suite.run(never).duration == 1s);
    // The time-out of the suite is left to the tests.
    ScriptedSuite two;
    two.settings.timeout.suite = 1200ms;
    const auto result = two.run(never + "test \"second\" {\n shell s {\n  > echo x\n  <? ^x$\n }\n}\n");
    CHECK(result.results[0].outcome == OutcomeKind::Failed);
    CHECK(result.results[1].outcome == OutcomeKind::Passed);
    ScriptedSuite flaky;
    flaky.settings.flaky_retries = 2;
    CHECK(flaky.run("# flaky\n" + never).duration == 1000ms + 1500ms + 2250ms);
}

TEST_CASE("fail-fast reaches the others at the moment of the failure, whatever the tear-down takes") {
    for (const char* statement : {"<@1s? ^never$", "sleep(\"1h\")"}) {
        CAPTURE(statement);
        ScriptedSuite suite;
        suite.settings.jobs = 2;
        suite.settings.fail_fast = true;
        auto stubborn = ordinary_shell();
        stubborn.ignores_hang_up();
        suite.loop.set_script(0, stubborn);
        const auto result = suite.run("test \"bad\" @1s {\n shell s {\n  " + std::string(statement) +
                                      "\n }\n cleanup {\n  sleep(\"5s\")\n }\n}\n" +
                                      "test \"other\" {\n shell s {\n  sleep(\"1h\")\n }\n}\n" +
                                      "test \"queued\" {\n shell s {\n }\n}\n");
        CHECK(result.results[0].outcome == OutcomeKind::Failed);
        CHECK(result.results[0].warnings.size() == 1);  // that a shell had to be killed; the cleanup was good
        CHECK(result.results[1].duration == 1s);
        CHECK(result.duration == 1s + 1s + 5s);
        for (const int i : {1, 2})
            CHECK(result.results[static_cast<std::size_t>(i)].failure->summary == "cancelled (fail-fast)");
    }
}

TEST_CASE("a failure that is followed by another attempt ends nothing yet") {
    ScriptedSuite suite;
    suite.settings.jobs = 2;
    suite.settings.fail_fast = true;
    suite.settings.flaky_retries = 1;
    suite.settings.flaky_multiplier = 1.0;
    const auto result = suite.run(
        "# flaky\ntest \"bad\" {\n shell s {\n  <@1s? ^never$\n }\n}\n"
        "test \"other\" {\n shell s {\n  sleep(\"1h\")\n }\n}\n");
    CHECK(result.results[0].flaky_retries == 1);
    CHECK(result.results[1].duration == 2s);
}

TEST_CASE("sleep is interrupted by the test's time-out, which is cancelled in edition 0.8") {
    for (const bool cancels : {false, true}) {
        ScriptedSuite suite;
        suite.settings.test_timeout_cancels = cancels;
        const auto result = suite.run("test \"t\" @1s {\n shell s {\n  sleep(\"1h\")\n }\n}\n");
        CHECK(ScriptedSuite::summary(result) == "test timeout (1s) exceeded");
        CHECK(result.results[0].outcome == (cancels ? OutcomeKind::Cancelled : OutcomeKind::Failed));
        CHECK(result.results[0].duration == 1s);
    }
}

TEST_CASE("a flaky test is retried with stretched tolerances") {
    ScriptedSuite suite;
    suite.settings.flaky_retries = 2;
    suite.settings.flaky_multiplier = 1.5;
    const auto result = suite.run("# flaky\ntest \"t\" {\n shell s {\n  ~1s\n  <? ^never$\n }\n}\n");
    CHECK(result.results[0].outcome == OutcomeKind::Failed);
    CHECK(result.results[0].flaky_retries == 2);
    CHECK(result.results[0].duration == 1000ms + 1500ms + 2250ms);
    ScriptedSuite assertion;
    assertion.settings.flaky_retries = 1;
    const auto strict = assertion.run("# flaky\ntest \"t\" {\n shell s {\n  @1s\n  <? ^never$\n }\n}\n");
    CHECK(strict.results[0].duration == 2s);
}

TEST_CASE("a flaky test that its own time-out has ended is retried, in both editions") {
    for (const bool cancels : {false, true}) {
        CAPTURE(cancels);
        ScriptedSuite suite;
        suite.settings.test_timeout_cancels = cancels;
        suite.settings.flaky_retries = 2;
        const auto result = suite.run("# flaky\ntest \"t\" ~1s {\n shell s {\n  sleep(\"1h\")\n }\n}\n");
        CHECK(result.results[0].outcome == (cancels ? OutcomeKind::Cancelled : OutcomeKind::Failed));
        CHECK(result.results[0].flaky_retries == 2);
        CHECK(result.results[0].failed_attempts.size() == 2);
        CHECK(result.duration == 1000ms + 1500ms + 2250ms);
        ScriptedSuite passes;
        passes.settings.test_timeout_cancels = cancels;
        passes.settings.flaky_retries = 2;
        const auto good = passes.run("# flaky\ntest \"t\" ~1s {\n shell s {\n  sleep(\"1200ms\")\n }\n}\n");
        CHECK(good.results[0].outcome == OutcomeKind::Passed);
        CHECK(good.results[0].flaky_retries == 1);
    }
}

TEST_CASE("what is cancelled from outside is not retried") {
    const std::string flaky = "# flaky\ntest \"t\" ~10s {\n shell s {\n  sleep(\"1h\")\n }\n}\n";
    for (const bool cancels : {false, true}) {
        ScriptedSuite suite;
        suite.settings.test_timeout_cancels = cancels;
        suite.settings.flaky_retries = 3;
        suite.settings.timeout.suite = 2s;
        const auto by_suite = suite.run(flaky);
        CHECK(by_suite.results[0].flaky_retries == 0);
        CHECK(by_suite.duration == 2s);
        ScriptedSuite interrupted;
        interrupted.settings.flaky_retries = 3;
        interrupted.loop.interrupt_at(interrupted.loop.now() + 1s, 2);
        CHECK(interrupted.run(flaky).results[0].flaky_retries == 0);
        ScriptedSuite fast;
        fast.settings.jobs = 2;
        fast.settings.fail_fast = true;
        fast.settings.flaky_retries = 3;
        const auto by_other = fast.run(flaky + "test \"bad\" {\n shell s {\n  <@1s? ^never$\n }\n}\n");
        CHECK(by_other.results[0].flaky_retries == 0);
        CHECK(by_other.results[0].duration == 1s);
    }
}

TEST_CASE("a flaky test passes if a try passes; one that is not flaky is not retried") {
    ScriptedSuite suite;
    suite.settings.flaky_retries = 3;
    auto slow = ordinary_shell();
    io::ShellScript late;
    late.prompt_from_environment().on_send("go", 1200ms, "went\r\n");
    suite.loop.set_script(late);
    const std::string body = "test \"t\" {\n shell s {\n  ~1s\n  > go\n  <? ^went$\n }\n}\n";
    const auto result = suite.run("# flaky\n" + body);
    CHECK(result.results[0].outcome == OutcomeKind::Passed);
    CHECK(result.results[0].flaky_retries == 1);
    ScriptedSuite plain;
    plain.settings.flaky_retries = 3;
    plain.loop.set_script(late);
    const auto once = plain.run(body);
    CHECK(once.results[0].outcome == OutcomeKind::Failed);
    CHECK(once.results[0].flaky_retries == 0);
}

TEST_CASE("a test that is ended from outside says where it was, and what it waited for") {
    struct Case {
        const char* statement;
        const char* note;
    };
    for (const auto& [statement, note] :
         {Case{"<? ^never$", "shell 's' was waiting for ^never$, 500ms of 5s"},
          Case{"sleep(\"5s\")", "shell 's' was sleeping, 500ms of 5s"}}) {
        CAPTURE(statement);
        ScriptedSuite suite;
        const auto result = suite.run("test \"t\" ~500ms {\n shell s {\n  > echo one\n  " +
                                      std::string(statement) + "\n }\n}\n");
        CHECK(ScriptedSuite::summary(result) == "test timeout (500ms) exceeded");
        const auto& failure = *result.results[0].failure;
        CHECK(failure.output_tail.find("one") != std::string::npos);
        REQUIRE(!failure.chain.empty());
        CHECK(failure.chain.back().place.line == 4);
        REQUIRE(failure.notes.size() == 1);
        CHECK(failure.notes[0] == note);
    }
}

}  // namespace relux::virtual_time

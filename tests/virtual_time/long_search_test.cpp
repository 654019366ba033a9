// Searches of many steps go on beside the loop: nobody else waits for them, and they decide what they would
// have decided on it (language 6.4).
#include <string>

#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

namespace {

/// Each attempt in it goes over the rest of the line again and again, and fails.
const std::string kLongLine = std::string(4000, 'x') + "\r\noy";
#define LONG_PATTERN "x*x*yo"

ScriptedSuite& with_long_line(ScriptedSuite& suite, const std::string& line) {
    auto script = ordinary_shell();
    script.on_send("print", 1ms, line + "\r\nready\r\n");
    suite.loop.set_script(script);
    suite.loop.beside_takes(5s);
    return suite;
}

const report::TestResult& test_of(const run::SuiteResult& result, std::string_view name) {
    for (const auto& test : result.results) {
        if (test.name == name) return test;
    }
    FAIL("there is no such test");
    return result.results[0];
}

}  // namespace

TEST_CASE("no other test waits for a long search") {
    ScriptedSuite suite;
    suite.settings.jobs = 2;
    const auto result = with_long_line(suite, kLongLine + "\r\nis yo").run(R"(test "long" {
    shell s {
        > print
        <~60s? )" LONG_PATTERN R"(
    }
}
test "other" {
    shell s {
        <@2s? ^never$
    }
}
)");
    CHECK(suite.loop.besides() >= 1);
    CHECK(!test_of(result, "long").failure);
    CHECK(test_of(result, "long").duration >= 5s);
    CHECK(test_of(result, "other").failure);
    CHECK(test_of(result, "other").duration == 2s);
}

TEST_CASE("a search that has begun in time is waited for") {
    ScriptedSuite suite;
    const auto found = with_long_line(suite, kLongLine + "\r\nis yo").run(R"(test "t" {
    shell s {
        > print
        <@1s? )" LONG_PATTERN R"(
        <? ^ready$
    }
}
)");
    CHECK(ScriptedSuite::summary(found) == "");
    ScriptedSuite other;
    const auto missed = with_long_line(other, kLongLine).run(R"(test "t" {
    shell s {
        > print
        <@1s? )" LONG_PATTERN R"(
    }
}
)");
    CHECK(ScriptedSuite::summary(missed).starts_with("match timeout in shell 's'"));
}

TEST_CASE("nothing happens before a fail pattern has looked at what was there") {
    for (const std::string after : {"<? ^ready$", "<{\n            ? ^ready$\n        }", ""}) {
        CAPTURE(after);
        ScriptedSuite suite;
        const auto result = with_long_line(suite, kLongLine + "\r\nis yo").run(R"(test "t" {
    shell s {
        !? )" LONG_PATTERN R"(
        > print
        <? ^ready$
        )" + after + R"(
    }
}
)");
        CHECK(ScriptedSuite::summary(result).starts_with("fail pattern matched in shell 's'"));
    }
}

TEST_CASE("a fail pattern that is set looks at what is there before the next statement") {
    for (const std::string next : {"> echo on", "!? other", "!?", ""}) {
        CAPTURE(next);
        ScriptedSuite suite;
        const auto result = with_long_line(suite, kLongLine + "\r\nis yo").run(R"(test "t" {
    shell s {
        > print
        sleep("1s")
        !? )" LONG_PATTERN R"(
        )" + next + R"(
    }
}
)");
        CHECK(ScriptedSuite::summary(result).starts_with("fail pattern matched in shell 's'"));
        CHECK(suite.loop.received(0).find("echo on") == std::string::npos);
    }
}

TEST_CASE("the patterns of a multimatch may all be long") {
    ScriptedSuite suite;
    const auto result = with_long_line(suite, kLongLine + "\r\nis yo").run(R"(test "t" {
    shell s {
        > print
        <{
            ? )" LONG_PATTERN R"(
            ? ^ready$
            ? x*x*yo\r
        }
    }
}
)");
    CHECK(ScriptedSuite::summary(result) == "");
}

TEST_CASE("a search in a value goes on beside the loop too") {
    for (const bool there : {true, false}) {
        ScriptedSuite suite;
        suite.settings.jobs = 2;
        const auto result = with_long_line(suite, kLongLine + (there ? "\r\nis yo" : "")).run(R"(test "long" {
    shell s {
        > print
        <? ^((?s)x.*)^ready$
        let line = $1
        line ? )" LONG_PATTERN R"(
        line ? ^x+\r
    }
}
test "other" {
    shell s {
        <@2s? ^never$
    }
}
)");
        const auto& failure = test_of(result, "long").failure;
        CHECK(failure.has_value() != there);
        if (failure) CHECK(failure->summary.starts_with("pure match in shell 's' did not match"));
        CHECK(suite.loop.besides() >= 1);
        CHECK(test_of(result, "other").duration == 2s);
    }
}

TEST_CASE("searches of a workflow go on beside the loop too, each once") {
    for (const bool there : {true, false}) {
        ScriptedSuite suite;
        suite.loop.beside_takes(5s);
        const auto line = kLongLine + (there ? "\\nis yo" : "");
        const auto result = suite.run_workflows({{"long.yaml", R"(name: long
config:
  vars:
    short: "xyz"
    line: ")" + line + R"("
    copy: ")" + line + R"("
  validate:
    - name: short
      pattern: "x"
    - name: line
      pattern: ")" LONG_PATTERN R"(|oy"
    - name: copy
      pattern: ")" LONG_PATTERN R"(|o"
steps:
  - name: find
    type: print
    message: "found: {{ regexMatch(line, ')" LONG_PATTERN R"(') }} {{ regexFind(short, 'x+') }}"
)"}});
        const auto& test = test_of(result, "long");
        CHECK_MESSAGE(!test.failure, test.failure->summary);
        CHECK(suite.loop.besides() == 3);
        CHECK(test.duration == 15s);
    }
}

TEST_CASE("an interrupt does not wait for a long search") {
    ScriptedSuite suite;
    suite.loop.interrupt_at(2s, 15);
    const auto result = with_long_line(suite, kLongLine + "\r\nis yo").run(R"(test "t" {
    shell s {
        > print
        <~60s? )" LONG_PATTERN R"(
    }
}
)");
    CHECK(result.results[0].failure);
    CHECK(result.results[0].duration < 4s);
}

}  // namespace relux::virtual_time

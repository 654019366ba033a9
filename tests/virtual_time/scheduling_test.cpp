// Many tests at once: jobs, strategies, interrupts, markers, ports.
#include <set>

#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

namespace {

using report::OutcomeKind;

std::string waiting_tests(int count, std::string_view statement) {
    std::string source;
    for (int i = 0; i < count; ++i) {
        source +=
            "test \"t" + std::to_string(i) + "\" {\n shell s {\n  " + std::string(statement) + "\n }\n}\n";
    }
    return source;
}

}  // namespace

TEST_CASE("as many tests run at once as there are jobs") {
    for (const auto& [jobs, duration] :
         {std::pair(1, 10s), std::pair(3, 4s), std::pair(10, 1s), std::pair(50, 1s)}) {
        ScriptedSuite suite;
        suite.settings.jobs = jobs;
        const auto result = suite.run(waiting_tests(10, "sleep(\"1s\")"));
        CHECK(result.duration == duration);
        for (const auto& test : result.results)
            CHECK(test.outcome == OutcomeKind::Passed);
    }
}

TEST_CASE("a pattern is compiled once, however many tests and shells wait for it") {
    const auto compiled = [](int tests, std::string_view statements) {
        ScriptedSuite suite;
        suite.settings.jobs = 3;
        const auto result = suite.run(waiting_tests(tests, statements));
        for (const auto& test : result.results)
            CHECK(test.outcome == OutcomeKind::Passed);
        return result.patterns_compiled;
    };
    const auto base = compiled(1, "> echo hi");
    constexpr std::string_view kStatic =
        "!? ^no$\n  > echo hi\n  <? ^hi$\n  > echo hi\n  <? ^hi$\n  \"hi\" ? ^hi$";
    CHECK(compiled(1, kStatic) == base + 2);
    CHECK(compiled(10, kStatic) == base + 2);
    // The same text, put together at run time.
    CHECK(
        compiled(10,
                 "let it = > echo hi\n  let end = replace(it, \"echo \", \"\")\n  <? ^${end}$\n  > echo hi\n"
                 "  <? ^hi$") == base + 1);
}

TEST_CASE("fail-fast stops what runs and starts nothing more") {
    ScriptedSuite suite;
    suite.settings.jobs = 2;
    suite.settings.fail_fast = true;
    const auto result =
        suite.run("test \"bad\" {\n shell s {\n  <@1s? ^never$\n }\n}\n" + waiting_tests(5, "sleep(\"1h\")"));
    CHECK(result.results[0].duration == 1s);
    CHECK(result.results[0].outcome == OutcomeKind::Failed);
    for (std::size_t i = 1; i < result.results.size(); ++i) {
        CHECK(result.results[i].outcome == OutcomeKind::Cancelled);
        CHECK(result.results[i].failure->summary == "cancelled (fail-fast)");
    }
    CHECK(suite.loop.shells_opened() == 2);
}

TEST_CASE("an interrupt cancels what runs and what has not started") {
    ScriptedSuite suite;
    suite.loop.interrupt_at(suite.loop.now() + 300ms, 2);
    const auto result = suite.run(waiting_tests(3, "sleep(\"1h\")"));
    CHECK(result.interrupted);
    CHECK(result.duration == 300ms);
    for (const auto& test : result.results)
        CHECK(test.outcome == OutcomeKind::Cancelled);
}

TEST_CASE("markers decide before any shell is started, with a reason") {
    struct Case {
        const char* marker;
        const char* reason;  // null: runs
    };
    const Case cases[] = {
        {"# skip", "skip"},
        {"# run", nullptr},
        {"# skip if SET", "skip if SET: SET is \"yes\""},
        {"# skip unless SET", nullptr},
        {"# skip unless \"${UNSET}\"", "skip unless \"${UNSET}\": UNSET is empty"},
        {"# run if UNSET", "run if UNSET: UNSET is empty"},
        {"# run unless SET", "run unless SET: SET is \"yes\""},
        {"# skip if SET = \"yes\"", "skip if SET = \"yes\": SET is \"yes\""},
        {"# skip if SET = \"y\"", nullptr},
        {"# skip if SET ? ^y", "skip if SET ? ^y: SET is \"yes\""},
        {"# run if upper(SET) = \"YES\"", nullptr},
        {"# nothing of the kind", nullptr},
    };
    for (const auto& test : cases) {
        CAPTURE(test.marker);
        ScriptedSuite suite;
        suite.settings.environment["SET"] = "yes";
        const auto result = suite.run(std::string(test.marker) + "\ntest \"t\" {\n shell s {\n }\n}\n");
        CHECK(result.results[0].outcome == (test.reason ? OutcomeKind::Skipped : OutcomeKind::Passed));
        CHECK(result.results[0].skip_reason == (test.reason ? test.reason : ""));
        CHECK(suite.loop.shells_opened() == (test.reason ? 0 : 1));
    }
}

TEST_CASE("a marker on a function or effect skips every test that reaches it, and only those") {
    ScriptedSuite suite;
    suite.add_module("tools",
                     "# skip unless TOOL\nfn tool() {\n > echo x\n}\nfn wraps() {\n tool()\n}\n"
                     "# skip\neffect Gone {\n expose s\n shell s {\n }\n}\n");
    const auto result = suite.run(R"(import tools
test "through calls" {
    shell s {
        wraps()
    }
}
test "through a start" {
    start Gone
}
test "not" {
    shell s {
    }
}
)");
    CHECK(result.results[0].skip_reason == "skip unless TOOL: TOOL is empty");
    CHECK(result.results[1].skip_reason == "skip");
    CHECK(result.results[2].outcome == OutcomeKind::Passed);
}

TEST_CASE("ports are a test's own while it runs") {
    ScriptedSuite suite;
    suite.settings.jobs = 8;
    auto script = ordinary_shell();
    std::set<std::string> ports;
    script.on_send("port *", 1ms, [&ports](std::string_view command) {
        CHECK(ports.insert(std::string(command)).second);
        return std::string();
    });
    suite.loop.set_script(script);
    std::string source;
    for (int i = 0; i < 8; ++i) {
        source += "test \"t" + std::to_string(i) +
                  "\" {\n let p = available_port()\n shell s {\n  > port ${p}\n  sleep(\"1s\")\n }\n}\n";
    }
    suite.run(source);
    CHECK(ports.size() == 8);
}

TEST_CASE("calls deeper than a thousand are a failure, not a crash") {
    ScriptedSuite suite;
    const auto result = suite.run("fn f() {\n f()\n}\ntest \"t\" {\n shell s {\n  f()\n }\n}\n");
    CHECK(ScriptedSuite::summary(result) == "runtime error in shell 's': call depth over 1000");
}

}  // namespace relux::virtual_time

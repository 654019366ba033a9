// The first shells of a test are started while those of the test before are ending, and nobody can tell.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

namespace {

using report::OutcomeKind;

constexpr std::string_view kTwoTests =
    "test \"one\" {\n shell s {\n  > true\n }\n}\n"
    "test \"two\" {\n shell s {\n  > true\n }\n}\n";

io::ShellScript shell() {
    return io::ShellScript().prompt_from_environment();
}

/// It takes a second to start, and the second of grace to end.
io::ShellScript slow_shell() {
    return shell().start_delay(1s).ignores_hang_up();
}

/// Keeps what is the same in every run.
io::ShellOptions without_directory(io::ShellOptions options, const std::string& run_directory) {
    const auto cut = [&](std::string& text) {
        const auto at = text.find(run_directory);
        if (at != std::string::npos) text.erase(at, run_directory.size());
    };
    for (auto& entry : options.environment)
        cut(entry);
    cut(options.owner_mark);
    options.early = false;
    return options;
}

void check_outcomes(const run::SuiteResult& result, std::vector<OutcomeKind> outcomes) {
    REQUIRE(result.results.size() == outcomes.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        CAPTURE(i);
        CHECK(result.results[i].outcome == outcomes[i]);
    }
}

}  // namespace

TEST_CASE("a test's first shell is started while the shells of the test before are ending") {
    for (const bool early : {true, false}) {
        CAPTURE(early);
        ScriptedSuite suite;
        suite.settings.early_shell_jobs = early ? 2 : 0;
        suite.loop.set_script(slow_shell());
        const auto result = suite.run(kTwoTests);
        check_outcomes(result, {OutcomeKind::Passed, OutcomeKind::Passed});
        // One test is a second of starting and one of ending.
        CHECK(result.duration == (early ? 3s : 4s));
        CHECK(result.results[1].duration == (early ? 1s : 2s));
        CHECK(suite.loop.shells_opened() == 2);
    }
}

TEST_CASE("an early shell is started as any other, and gets what the test sends") {
    std::vector<io::ShellOptions> options;
    for (const bool early : {true, false}) {
        ScriptedSuite suite;
        suite.settings.early_shell_jobs = early ? 2 : 0;
        suite.loop.set_script(shell());
        const auto result = suite.run(kTwoTests);
        check_outcomes(result, {OutcomeKind::Passed, OutcomeKind::Passed});
        CHECK(suite.loop.received(1) == "true\n");
        CHECK(suite.loop.options(1).early == early);
        options.push_back(without_directory(suite.loop.options(1), suite.settings.run_directory.string()));
    }
    CHECK(options[0].environment == options[1].environment);
    CHECK(options[0] == options[1]);
}

TEST_CASE("no shell is started early before the last cleanup is over") {
    ScriptedSuite suite;
    // Shells: one's, its cleanup's, two's.
    suite.loop.set_script(shell());
    suite.loop.set_script(1, shell().ignores_hang_up().on_send("tidy", 5s, ""));
    const auto result = suite.run(
        "test \"one\" {\n shell s {\n  > true\n }\n cleanup {\n  > tidy\n  match_prompt()\n }\n}\n"
        "test \"two\" {\n shell s {\n  > true\n }\n}\n");
    check_outcomes(result, {OutcomeKind::Passed, OutcomeKind::Passed});
    CHECK(suite.loop.received(1) == "tidy\n");
    CHECK(suite.loop.received(2) == "true\n");
    CHECK(suite.loop.options(2).early);
}

TEST_CASE("after a failure nothing is started early") {
    ScriptedSuite suite;
    suite.loop.set_script(slow_shell());
    const auto result = suite.run("test \"one\" {\n shell s {\n  <@1s? ^never$\n }\n}\n" +
                                  std::string(kTwoTests.substr(kTwoTests.find("test \"two"))));
    check_outcomes(result, {OutcomeKind::Failed, OutcomeKind::Passed});
    CHECK_FALSE(suite.loop.options(1).early);
}

TEST_CASE("a test that is cancelled before it begins ends the shell that waits for it") {
    ScriptedSuite suite;
    suite.loop.set_script(slow_shell());
    // The first test begins to end its shell after a second.
    suite.loop.interrupt_at(suite.loop.now() + 1500ms, 2);
    const auto result = suite.run(kTwoTests);
    check_outcomes(result, {OutcomeKind::Cancelled, OutcomeKind::Cancelled});
    CHECK(suite.loop.shells_opened() == 2);
    CHECK(suite.loop.received(1).empty());
    CHECK(result.statistics.shells_open == 0);
}

TEST_CASE("an early shell that has ended by itself is not used") {
    ScriptedSuite suite;
    suite.loop.set_script(shell());
    suite.loop.set_script(0, slow_shell());
    suite.loop.set_script(1, shell().exit_at(10ms, io::ExitStatus{false, 3}));
    const auto result = suite.run(kTwoTests);
    check_outcomes(result, {OutcomeKind::Passed, OutcomeKind::Passed});
    CHECK(suite.loop.shells_opened() == 3);
    CHECK(suite.loop.received(1).empty());
    CHECK(suite.loop.received(2) == "true\n");
}

TEST_CASE("effects without an overlay get their shells early, others don't") {
    constexpr std::string_view kEffects =
        "effect Plain {\n expose s\n shell s {\n  > plain\n }\n}\n"
        "effect Given {\n expect WHAT\n expose s\n shell s {\n  > given\n }\n}\n"
        "test \"one\" {\n shell s {\n  > true\n }\n}\n"
        "test \"two\" {\n start Plain\n start Given {\n  WHAT = \"x\"\n }\n shell s {\n  > true\n }\n}\n";
    ScriptedSuite suite;
    suite.loop.set_script(shell());
    const auto result = suite.run(kEffects);
    check_outcomes(result, {OutcomeKind::Passed, OutcomeKind::Passed});
    REQUIRE(suite.loop.shells_opened() == 4);
    CHECK(suite.loop.options(1).early);
    CHECK(suite.loop.received(1) == "plain\n");
    CHECK_FALSE(suite.loop.options(2).early);
    CHECK(suite.loop.received(2) == "given\n");
}

TEST_CASE("with as many tests at once as processors nothing is started early") {
    for (const int jobs : {1, 2}) {
        CAPTURE(jobs);
        ScriptedSuite suite;
        suite.settings.jobs = jobs;
        suite.settings.early_shell_jobs = 2;
        suite.loop.set_script(shell());
        std::string tests;
        for (const char* name : {"a", "b", "c", "d"})
            tests += std::string("test \"") + name + "\" {\n shell s {\n  > true\n }\n}\n";
        const auto result = suite.run(tests);
        REQUIRE(suite.loop.shells_opened() == 4);
        CHECK(suite.loop.options(3).early == (jobs == 1));
    }
}

TEST_CASE("markers are evaluated before any shell of their test is started") {
    ScriptedSuite suite;
    suite.loop.set_script(slow_shell());
    const auto result = suite.run(std::string(kTwoTests) + "# skip\ntest \"three\" {\n shell s {\n }\n}\n");
    check_outcomes(result, {OutcomeKind::Passed, OutcomeKind::Passed, OutcomeKind::Skipped});
    CHECK(suite.loop.shells_opened() == 2);
}

}  // namespace relux::virtual_time

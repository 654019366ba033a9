// Matching as a test sees it (language 5, 6): cut-independence, settling, the end of a shell, near misses.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

namespace {

using report::OutcomeKind;

bool has_note(const report::Failure& failure, std::string_view part) {
    return std::any_of(failure.notes.begin(), failure.notes.end(),
                       [&](const auto& note) { return note.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("matches and captures do not depend on how the output is cut") {
    for (std::size_t piece = 0; piece <= 12; ++piece) {
        CAPTURE(piece);
        ScriptedSuite suite;
        auto script = ordinary_shell();
        script.on_send("report", 2ms, "port 8080\r\nstate: up and ready\r\nsnow \xe2\x9b\x84 man\r\n");
        script.pieces(piece);
        suite.loop.set_script(script);
        const auto result = suite.run(R"(test "t" {
    shell s {
        > report
        <? port (\d+)
        let port = $1
        <? ^state: (\w+) and (\w+)$
        let words = "${1}-${2}"
        <= snow ⛄
        > echo ${port} ${words}
        <= 8080 up-ready
        match_prompt()
    }
}
)");
        CHECK(ScriptedSuite::summary(result) == "");
    }
}

TEST_CASE("what a waiting match lets go of changes no match, and is counted when it fails") {
    std::string lines;
    while (lines.size() < 5 << 20)
        lines += "2024-02-29 12:00:00.000 INFO  worker-7 handled request 4711 in 12 ms, status 200\r\n";
    const std::string begun = "first 17 ";
    const auto run_with = [&](std::string_view statements) {
        ScriptedSuite suite;
        auto script = ordinary_shell();
        script.on_send("flood", 2ms, begun + lines).then(2ms, "last 42\r\n").then(2ms, "more\r\n");
        script.pieces(64 << 10);
        suite.loop.set_script(script);
        suite.settings.shell.buffer_limit = 64 << 20;
        return suite.run("test \"t\" {\n    shell s {\n        > flood\n" + std::string(statements) +
                         "    }\n}\n");
    };
    const auto passes = [&](std::string_view statements) {
        return ScriptedSuite::summary(run_with(statements));
    };
    CHECK(passes("        <? ^last (\\d+)$\n        $1 ? ^42$\n        <= more\n") == "");
    CHECK(passes("        <? (?s)first (\\d+).*?last (\\d+)\n        let both = \"${1} ${2}\"\n        both "
                 "? ^17 42$\n") == "");
    CHECK(
        passes(
            "        <{\n            = more\n            ? last \\d+\n        }\n        match_prompt()\n") ==
        "");

    const auto failed = run_with("        <~1s= never\n").results[0];
    REQUIRE(failed.failure);
    const auto& failure = *failed.failure;
    const std::size_t echo = std::string("flood\r\n").size();
    const std::size_t after = std::string("last 42\r\nmore\r\nrelux> ").size();
    CHECK(failure.output_tail.size() + failure.output_omitted == echo + begun.size() + lines.size() + after);
}

TEST_CASE("a match at the very end of the output waits for quiet") {
    ScriptedSuite suite;
    io::ShellScript script;
    script.prompt_from_environment().on_send_stay("serve", 10ms, "port 80");
    script.print_at(25ms, "80");
    suite.loop.set_script(script);
    const auto result = suite.run(R"(test "t" {
    shell s {
        > serve
        <? port (\d+)
        $1 ? ^8080$
    }
}
)");
    CHECK(ScriptedSuite::summary(result) == "");
    CHECK(result.results[0].duration == 25ms + 20ms);
}

TEST_CASE("a shell that exits fails the match at once, with its exit code") {
    ScriptedSuite suite;
    const auto result = suite.run("test \"t\" {\n shell s {\n  > exit 3\n  <~60s? ^never$\n }\n}\n");
    CHECK(ScriptedSuite::summary(result) == "shell 's' exited unexpectedly with exit code 3");
    CHECK(result.results[0].duration < 100ms);
}

TEST_CASE("output before the end of a shell is still matched") {
    ScriptedSuite suite;
    auto script = ordinary_shell();
    io::ShellScript dying;
    dying.prompt_from_environment().exit_on_send("die", 1ms, io::ExitStatus{true, 9}, "last words");
    suite.loop.set_script(dying);
    const auto result = suite.run("test \"t\" {\n shell s {\n  > die\n  <? ^last words$\n  > more\n }\n}\n");
    CHECK(ScriptedSuite::summary(result) == "shell 's' exited unexpectedly by signal 9");
}

TEST_CASE("match_ok says which exit code came, as soon as it is known") {
    ScriptedSuite suite;
    io::ShellScript script;
    script.prompt_from_environment().on_send("echo ::$?::", 1ms, "::42::\r\n").on_send("false", 1ms, "");
    suite.loop.set_script(script);
    const auto result = suite.run("test \"t\" {\n shell s {\n  ~60s\n  > false\n  match_ok()\n }\n}\n");
    CHECK(ScriptedSuite::summary(result) ==
          "runtime error in shell 's': `false` ended with exit code 42, expected 0");
    CHECK(result.results[0].duration < 100ms);
    ScriptedSuite other;
    other.loop.set_script(script);
    const auto passed = other.run(
        "test \"t\" {\n shell s {\n  > false\n  match_not_ok()\n  > false\n  match_not_ok(42)\n }\n}\n");
    CHECK(ScriptedSuite::summary(passed) == "");
}

TEST_CASE("near misses are named") {
    struct Case {
        const char* statements;
        const char* note;
    };
    const Case cases[] = {
        {"> echo one two\n<? ^one two$\n<@1s? one",
         "it stands before the cursor, already consumed: `one two`, by the "
         "statement at relux/tests/main.relux:7"},
        {"> echo Ready\n<@1s? ^ready$", "it would match but for upper and lower case: `Ready`"},
        {"> echo ready  \n<@1s? ^ready$", "it would match but for white space at the end of the line"},
        {"<@1s? ^from other$", "it stands in the output of shell 'other': `from other`"},
        {"> print nothing\n<@1s? ^nothing$", "it stands only in the echo of the command: `print nothing`"},
    };
    for (const auto& test : cases) {
        CAPTURE(test.statements);
        ScriptedSuite suite;
        const auto result =
            suite.run(std::string("test \"t\" {\nshell other {\n> echo from other\n}\nshell s {\n") +
                      test.statements + "\n}\n}\n");
        REQUIRE(result.results[0].failure);
        CHECK_MESSAGE(
            has_note(*result.results[0].failure, test.note),
            (result.results[0].failure->notes.empty() ? "no note" : result.results[0].failure->notes[0]));
    }
}

TEST_CASE("what comes while the shells are being ended is named, and nothing waits for it") {
    struct Case {
        Duration appears;
        bool ignores_hang_up;
        const char* time_out;
        Duration ends;
        const char* note;
    };
    for (const auto& test : {Case{1340ms, true, "1s", 2s, "it appeared 340ms after the time-out"},
                             Case{2500ms, true, "1s", 2s, ""},
                             // Once it has taken as long again as the time-out was, nobody listens.
                             Case{480ms, true, "300ms", 1300ms, "it appeared 180ms after the time-out"},
                             Case{620ms, true, "300ms", 1300ms, ""},
                             // A wait that ends at once leaves no time.
                             Case{1340ms, false, "1s", 1s, ""}}) {
        CAPTURE(test.note);
        ScriptedSuite suite;
        io::ShellScript script;
        script.prompt_from_environment().on_send_stay("serve", test.appears, "ready\r\n");
        if (test.ignores_hang_up) script.ignores_hang_up();
        suite.loop.set_script(script);
        const auto result = suite.run("test \"t\" {\n shell s {\n  > serve\n  <@" +
                                      std::string(test.time_out) + "? ^ready$\n }\n}\n");
        CHECK(ScriptedSuite::summary(result) == "match timeout in shell 's': timed out waiting for ^ready$");
        CHECK(result.results[0].duration == test.ends);
        const auto& failure = *result.results[0].failure;
        CHECK(has_note(failure, "after the time-out") == (*test.note != '\0'));
        if (*test.note != '\0') CHECK(has_note(failure, test.note));
    }
}

TEST_CASE("nobody listens on an attempt that is followed by another") {
    ScriptedSuite suite;
    suite.settings.flaky_retries = 1;
    suite.settings.flaky_multiplier = 1.0;
    io::ShellScript script;
    script.prompt_from_environment().on_send_stay("serve", 1340ms, "ready\r\n").ignores_hang_up();
    suite.loop.set_script(script);
    const auto result = suite.run("# flaky\ntest \"t\" {\n shell s {\n  > serve\n  <@1s? ^ready$\n }\n}\n");
    REQUIRE(result.results[0].failed_attempts.size() == 1);
    CHECK(!has_note(result.results[0].failed_attempts[0].failure, "after the time-out"));
    CHECK(has_note(*result.results[0].failure, "after the time-out"));
}

TEST_CASE("a line longer than the terminal takes is refused, not cut") {
    ScriptedSuite suite;
    const auto result =
        suite.run("test \"t\" {\n shell s {\n  > echo " + std::string(5000, 'x') + "\n  <? ^x+$\n }\n}\n");
    CHECK(ScriptedSuite::summary(result) ==
          "runtime error in shell 's': a line of 5005 bytes cannot be sent: the terminal takes 4095 in "
          "canonical mode");
}

TEST_CASE("a prompt that start-up files changed is set by typing") {
    ScriptedSuite suite;
    io::ShellScript script;
    script.prompt("root@host# ")
        .on_send("PS2=*", 1ms, "\r\nrelux> ")
        .on_send("echo hi", 1ms, "hi\r\nrelux> ");
    suite.loop.set_script(script);
    const auto result =
        suite.run("test \"t\" {\n shell s {\n  > echo hi\n  <? ^hi$\n  match_prompt()\n }\n}\n");
    CHECK(ScriptedSuite::summary(result) == "");
}

TEST_CASE("a shell without a prompt is a failure that shows what it printed") {
    ScriptedSuite suite;
    io::ShellScript script;
    script.print_at(1ms, "no prompt here\r\n");
    suite.loop.set_script(script);
    const auto result = suite.run("test \"t\" {\n shell s {\n  > echo hi\n }\n}\n");
    CHECK(ScriptedSuite::summary(result) == "runtime error in shell 's': no prompt `relux> ` appeared");
    CHECK(result.results[0].failure->output_tail == "no prompt here\r\n");
    CHECK(result.results[0].duration == 5s);
}

}  // namespace relux::virtual_time

// Fail patterns (language 8).
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

namespace {

ScriptedSuite& with_server(ScriptedSuite& suite) {
    auto script = ordinary_shell();
    script.on_send_stay("serve", 1ms, "listening\r\n");
    script.print_at(500ms, "error: out of coffee\r\n");
    suite.loop.set_script(0, script);
    return suite;
}

}  // namespace

TEST_CASE("a fail pattern in an idle shell ends the test while another shell waits") {
    ScriptedSuite suite;
    const auto result = with_server(suite).run(R"(test "t" {
    shell server {
        !? ^error:
        > serve
        <? ^listening$
    }
    shell client {
        <~60s? ^never$
    }
}
)");
    CHECK(ScriptedSuite::summary(result) ==
          "fail pattern matched in shell 'server': `^error:` matched in the line `error: out of coffee`");
    CHECK(result.results[0].duration == 500ms);
    CHECK(result.results[0].failure->chain.back().place.line == 8);
    CHECK(result.results[0].failure->notes[0] == "the fail pattern was set at relux/tests/main.relux:3");
}

TEST_CASE("what stands after the cursor when it is set counts, what stands before does not") {
    ScriptedSuite suite;
    const auto before = suite.run(R"(test "t" {
    shell s {
        > echo bad
        <? ^bad$
        !? ^bad$
        > echo good
        <? ^good$
    }
}
)");
    CHECK(ScriptedSuite::summary(before) == "");
    ScriptedSuite other;
    const auto after = other.run(R"(test "t" {
    shell s {
        > echo bad
        <= echo
        match_prompt()
        > echo late
        != late
        <~60s? ^never$
    }
}
)");
    CHECK(ScriptedSuite::summary(after).starts_with("fail pattern matched in shell 's': `late`"));
}

TEST_CASE("it is replaced, cleared, inherited by functions and given back") {
    ScriptedSuite suite;
    const auto result = suite.run(R"(fn own() {
    != other
    > echo first
    <? ^first$
}
test "t" {
    shell s {
        != zero
        != first
        !?
        != second
        own()
        > echo other
        <? ^other$
        !=
        > echo second
        <? ^second$
    }
}
)");
    CHECK(ScriptedSuite::summary(result) == "");
    ScriptedSuite inherited;
    const auto hit = inherited.run(R"(fn say() {
    > echo boom
    <? ^never$
}
test "t" {
    shell s {
        !? ^boom$
        say()
    }
}
)");
    CHECK(ScriptedSuite::summary(hit).starts_with("fail pattern matched in shell 's'"));
    CHECK(hit.results[0].duration < 100ms);
}

namespace {

/// A server that prints a line in pieces, each so long after the one before; nothing: it never ends.
io::ShellScript prints_in_pieces(const std::vector<std::pair<Duration, std::string>>& pieces) {
    auto script = ordinary_shell();
    script.on_send_stay("serve", 1ms, "listening\r\n");
    Duration at = 500ms;
    for (const auto& [delay, text] : pieces)
        script.print_at(at += delay, text);
    return script;
}

const std::string kServes = R"({
    shell server {
        !? ^ERROR
        > serve
        <~60s? ^never$
    }
}
)";

std::string summary_of_hit(std::string_view line) {
    return "fail pattern matched in shell 'server': `^ERROR` matched in the line `" + std::string(line) + "`";
}

}  // namespace

TEST_CASE("the line that is hit is read to its end, for as long as it goes on") {
    struct Case {
        std::vector<std::pair<Duration, std::string>> pieces;  // the first one is hit, at 500 ms
        std::string line;
        Duration ends;
    };
    const std::string much(40'000, 'x');
    const Case cases[] = {
        // A whole line waits for nothing.
        {{{0ms, "ERROR redis: gone\r\n"}}, "ERROR redis: gone", 500ms},
        {{{0ms, "ERROR redis:"}, {30ms, " it is"}, {90ms, " gone\r\nmore"}},
         "ERROR redis: it is gone",
         620ms},
        // Nothing for 100 ms.
        {{{0ms, "ERROR redis:"}, {30ms, " it"}, {101ms, " is gone\r\n"}}, "ERROR redis: it", 630ms},
        {{{0ms, "ERROR redis:"}}, "ERROR redis:", 600ms},
        // 500 ms in all.
        {{{0ms, "ERROR"}, {90ms, "1"}, {90ms, "2"}, {90ms, "3"}, {90ms, "4"}, {90ms, "5"}, {90ms, "6\r\n"}},
         "ERROR12345",
         1000ms},
        // 64 KiB in all.
        {{{0ms, "ERROR"}, {10ms, much}, {10ms, much}, {10ms, "\r\n"}},
         "ERROR" + std::string(65'536, 'x'),
         520ms},
    };
    for (const auto& test : cases) {
        CAPTURE(test.ends);
        ScriptedSuite suite;
        suite.loop.set_script(0, prints_in_pieces(test.pieces));
        const auto result = suite.run("test \"t\" " + kServes);
        CHECK(ScriptedSuite::summary(result) == summary_of_hit(test.line));
        CHECK(result.results[0].duration == test.ends);
        const auto& tail = result.results[0].failure->output_tail;
        CHECK(tail.find(test.line.substr(test.line.size() - 3)) != std::string::npos);
        // Other output that comes while the shell is being ended is not part of it.
        CHECK(result.results[0].warnings.empty());
    }
}

TEST_CASE("neither fail-fast nor the next attempt waits for the rest of the line") {
    const auto pieces = prints_in_pieces({{0ms, "ERROR redis:"}, {30ms, " gone\r\n"}});
    ScriptedSuite suite;
    suite.settings.jobs = 2;
    suite.settings.fail_fast = true;
    suite.loop.set_script(0, pieces);
    const auto result =
        suite.run("test \"t\" " + kServes + "test \"other\" {\n shell s {\n  sleep(\"1h\")\n }\n}\n");
    CHECK(result.results[0].failure->summary == summary_of_hit("ERROR redis: gone"));
    CHECK(result.results[0].duration == 530ms);
    CHECK(result.results[1].failure->summary == "cancelled (fail-fast)");
    CHECK(result.results[1].duration == 500ms);

    ScriptedSuite flaky;
    flaky.settings.flaky_retries = 1;
    flaky.loop.set_script(pieces);
    const auto retried = flaky.run("# flaky\ntest \"t\" " + kServes);
    REQUIRE(retried.results[0].failed_attempts.size() == 1);
    CHECK(retried.results[0].failed_attempts[0].duration == 500ms);
    CHECK(retried.results[0].failed_attempts[0].failure.summary == summary_of_hit("ERROR redis:"));
    CHECK(retried.results[0].failure->summary == summary_of_hit("ERROR redis: gone"));

    // Output that comes while its shells are being ended belongs to the line all the same.
    ScriptedSuite stubborn;
    stubborn.settings.flaky_retries = 1;
    auto slow = pieces;
    slow.ignores_hang_up();
    stubborn.loop.set_script(slow);
    const auto torn_down = stubborn.run("# flaky\ntest \"t\" " + kServes);
    CHECK(torn_down.results[0].failed_attempts[0].duration == 500ms + 1s);
    CHECK(torn_down.results[0].failed_attempts[0].failure.summary == summary_of_hit("ERROR redis: gone"));
}

TEST_CASE("an interrupt waits for no line; the time-out of the test changes nothing any more") {
    ScriptedSuite suite;
    suite.loop.set_script(0, prints_in_pieces({{0ms, "ERROR redis:"}, {30ms, " gone\r\n"}}));
    suite.loop.interrupt_at(suite.loop.now() + 510ms, 2);
    const auto result = suite.run("test \"t\" " + kServes);
    CHECK(ScriptedSuite::summary(result) == summary_of_hit("ERROR redis:"));
    CHECK(result.duration == 510ms);
    ScriptedSuite timed;
    timed.loop.set_script(0, prints_in_pieces({{0ms, "ERROR redis:"}, {30ms, " gone\r\n"}}));
    const auto both = timed.run("test \"t\" @510ms " + kServes);
    CHECK(ScriptedSuite::summary(both) == summary_of_hit("ERROR redis: gone"));
}

TEST_CASE("the line is whole in effects, in cleanups, and when the program ends") {
    const auto pieces = prints_in_pieces({{0ms, "ERROR redis:"}, {30ms, " gone\r\n"}});
    ScriptedSuite effect;
    effect.loop.set_script(0, pieces);
    const auto in_effect = effect.run("effect E " + kServes + "test \"t\" {\n start E\n}\n");
    CHECK(ScriptedSuite::summary(in_effect) == summary_of_hit("ERROR redis: gone"));
    ScriptedSuite cleanup;
    cleanup.loop.set_script(0, pieces);
    const auto in_cleanup =
        cleanup.run("test \"t\" {\n cleanup {\n  !? ^ERROR\n  > serve\n  sleep(\"10s\")\n }\n}\n");
    REQUIRE(in_cleanup.results[0].warnings.size() == 1);
    CHECK(in_cleanup.results[0].warnings[0].find("the line `ERROR redis: gone`") != std::string::npos);
    ScriptedSuite ends;
    auto ending = prints_in_pieces({{0ms, "ERROR redis:"}, {30ms, " go"}});
    ending.exit_at(540ms, io::ExitStatus{false, 1});
    ends.loop.set_script(0, ending);
    const auto ended = ends.run("test \"t\" " + kServes);
    CHECK(ScriptedSuite::summary(ended) == summary_of_hit("ERROR redis: go"));
    CHECK(ended.results[0].duration == 540ms);
}

TEST_CASE("a line that was there long before the pattern was set is taken as it is") {
    ScriptedSuite suite;
    io::ShellScript script;
    script.prompt_from_environment().on_send_stay("ask", 1ms, "ERROR? (y/n) ");
    suite.loop.set_script(script);
    const auto result = suite.run(
        "test \"t\" {\n shell s {\n  > ask\n  sleep(\"1s\")\n  !? ERROR\n  <~60s? ^never$\n }\n}\n");
    CHECK(ScriptedSuite::summary(result).ends_with("`ERROR? (y/n) `"));
    CHECK(result.results[0].duration == 1s);
}

TEST_CASE("it lives on across the hand-over of an exposed shell and dies with one that is not") {
    const std::string source = R"(effect E {
    EXPOSE
    shell server {
        !? ^error:
        > serve
        <? ^listening$
    }
    shell last {
    }
}
test "t" {
    start E
    shell s {
        <@2s? ^never$
    }
}
)";
    for (const bool exposed : {true, false}) {
        auto text = source;
        text.replace(text.find("EXPOSE"), 6, exposed ? "expose server" : "expose last");
        ScriptedSuite suite;
        const auto result = with_server(suite).run(text);
        CHECK(ScriptedSuite::summary(result).starts_with(exposed ? "fail pattern matched" : "match timeout"));
    }
}

}  // namespace relux::virtual_time

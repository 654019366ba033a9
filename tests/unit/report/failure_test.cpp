// A failure as text: all that it holds, in one order, and nothing in it that a terminal would obey.
#include <chrono>

#include <doctest/doctest.h>

#include "vm/report/render_failure.h"

using namespace relux;
using namespace relux::report;
using namespace std::chrono_literals;

namespace {

TestResult match_timeout() {
    TestResult result;
    result.path = "hello.relux";
    result.name = "echo and match";
    result.outcome = OutcomeKind::Failed;
    Failure failure;
    failure.kind = FailureKind::MatchTimeout;
    failure.summary = "match timeout in shell 's': timed out waiting for ^hello$";
    failure.chain = {
        {"test \"echo and match\"", {"relux/tests/hello.relux", 9, 1, 5, "test \"echo and match\" {"}},
        {"shell s", {"relux/tests/hello.relux", 10, 3, 10, "  shell s {"}},
        {"", {"relux/tests/hello.relux", 12, 5, 15, "    <? ^hello$"}},
    };
    failure.timeout = AppliedTimeout{{TimeoutKind::Tolerance, 5s}, 10s, 2.0, "[timeout] match"};
    failure.shell = "s";
    failure.pattern = "^hello$";
    failure.output_tail = "Hello\r\n\x1b[0mrelux> ";
    failure.output_omitted = 17;
    failure.notes = {"the pattern matches but for case: `Hello`"};
    result.failure = failure;
    return result;
}

}  // namespace

TEST_CASE("a match time-out shows summary, chain, time-out, output and notes") {
    CHECK(render_failure(match_timeout(), false) ==
          "match timeout in shell 's': timed out waiting for ^hello$\n"
          "  relux/tests/hello.relux:9:1: test \"echo and match\"\n"
          "     9 | test \"echo and match\" {\n"
          "  relux/tests/hello.relux:10:3: shell s\n"
          "    10 |   shell s {\n"
          "  relux/tests/hello.relux:12:5\n"
          "    12 |     <? ^hello$\n"
          "       |     ^^^^^^^^^^\n"
          "  time-out: 5s tolerance x 2.0 = 10s, from [timeout] match\n"
          "  output after the cursor of shell 's':\n"
          "    (17 bytes left out)\n"
          "    | Hello\n"
          "    | \\x1b[0mrelux> \n"
          "  note: the pattern matches but for case: `Hello`\n");
}

TEST_CASE("an assertion says that it is never scaled, and an unscaled tolerance shows no product") {
    auto result = match_timeout();
    result.failure->chain.clear();
    result.failure->notes.clear();
    result.failure->output_tail.clear();
    result.failure->output_omitted = 0;
    result.failure->timeout = AppliedTimeout{{TimeoutKind::Assertion, 90s}, 90s, 2.0, "inline"};
    CHECK(render_failure(result, false) ==
          "match timeout in shell 's': timed out waiting for ^hello$\n"
          "  time-out: 1m30s assertion, never scaled, from inline\n"
          "  output after the cursor of shell 's': (nothing)\n");
    result.failure->timeout = AppliedTimeout{{TimeoutKind::Tolerance, 5s}, 5s, 1.0, ""};
    result.failure->shell.clear();
    CHECK(render_failure(result, false) ==
          "match timeout in shell 's': timed out waiting for ^hello$\n"
          "  time-out: 5s tolerance\n");
}

TEST_CASE("a multiplier is shown as it is") {
    auto result = match_timeout();
    result.failure->timeout = AppliedTimeout{{TimeoutKind::Tolerance, 1s}, 2250ms, 2.25, "inline"};
    CHECK(render_failure(result, false).find("1s tolerance x 2.25 = 2.25s, from inline\n") !=
          std::string::npos);
}

TEST_CASE("the underline keeps in step with tabs, wide bytes and control bytes") {
    TestResult result;
    result.failure.emplace();
    result.failure->summary = "runtime error in shell 's': no";
    result.failure->chain = {{"", {"a.relux", 1, 5, 8, "\té\x01xyz"}}};
    CHECK(render_failure(result, false) ==
          "runtime error in shell 's': no\n"
          "  a.relux:1:5\n"
          "    1 | \té\\x01xyz\n"
          "      | \t     ^^^\n");
}

TEST_CASE("the underline is as wide as the characters") {
    TestResult result;
    result.failure.emplace();
    result.failure->summary = "no";
    // Two wide characters before the place, two in it; a mark takes no column.
    result.failure->chain = {{"", {"a.relux", 1, 7, 16, "漢字漢字e\xcc\x81"}}};
    CHECK(render_failure(result, false) ==
          "no\n"
          "  a.relux:1:7\n"
          "    1 | 漢字漢字e\xcc\x81\n"
          "      |     ^^^^^\n");
}

TEST_CASE("long output is shown by its beginning and its end") {
    TestResult result;
    result.failure.emplace();
    auto& failure = *result.failure;
    failure.summary = "no";
    for (int line = 1; line <= 40; ++line)
        failure.output_tail += "line " + std::to_string(line) + "\r\n";
    auto text = render_failure(result, false);
    CHECK(text.find("    | line 10\n    (10 lines left out)\n    | line 21\n") != std::string::npos);
    CHECK(text.ends_with("    | line 40\n"));
    failure.output_head = "first\r\n";
    failure.output_omitted = 7000;
    text = render_failure(result, false);
    CHECK(text.find("    | first\n    (7000 bytes left out)\n    (20 lines left out)\n    | line 21\n") !=
          std::string::npos);
    // Blanks are counted before lines are left out.
    failure.output_head.clear();
    failure.output_omitted = 0;
    failure.output_tail = "a\n" + std::string(50, '\n') + "b" + std::string(60, ' ') + "c\n\n\nd\n";
    CHECK(render_failure(result, false) ==
          "no\n"
          "  output after the cursor:\n"
          "    | a\n"
          "    (50 empty lines)\n"
          "    | b (60 spaces) c\n"
          "    | \n"
          "    | \n"
          "    | d\n");
}

TEST_CASE("a place outside its line, or without one, still renders") {
    TestResult result;
    result.failure.emplace();
    result.failure->summary = "cancelled (sigint)";
    result.failure->chain = {{"test \"t\"", {"a.relux", 3, 0, 0, ""}},
                             {"cleanup", {}},
                             {"shell s", {"a.relux", 4, 90, 80, "abc"}}};
    CHECK(render_failure(result, false) ==
          "cancelled (sigint)\n"
          "  a.relux:3: test \"t\"\n"
          "  cleanup\n"
          "  a.relux:4:90: shell s\n"
          "    4 | abc\n"
          "      |    ^\n");
}

TEST_CASE("warnings follow, also without a failure") {
    TestResult result;
    result.warnings = {"cleanup of effect Db: match timeout"};
    CHECK(render_failure(result, false) == "  warning: cleanup of effect Db: match timeout\n");
}

TEST_CASE("colour wraps, and changes no text") {
    auto text = render_failure(match_timeout(), true);
    CHECK(text.starts_with("\x1b[1;31mmatch timeout in shell 's': timed out waiting for ^hello$\x1b[0m\n"));
    std::string stripped;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b') {
            i = text.find('m', i);
        } else {
            stripped += text[i];
        }
    }
    CHECK(stripped == render_failure(match_timeout(), false));
}

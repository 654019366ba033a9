// JUnit, TAP and pages as texts: what readers rely on, and that no byte of a failure can break them.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>

#include <doctest/doctest.h>

#include "tests/support/temporary_directory.h"
#include "vm/report/junit.h"
#include "vm/report/markup_text.h"
#include "vm/report/report_file.h"
#include "vm/report/report_formats.h"
#include "vm/report/run_page.h"
#include "vm/report/tap.h"
#include "vm/report/test_report.h"

using namespace relux;
using namespace relux::report;
using namespace std::chrono_literals;

namespace {

Failure failure(std::string summary) {
    Failure made;
    made.kind = FailureKind::MatchTimeout;
    made.summary = std::move(summary);
    made.shell = "s";
    made.pattern = "\"p\\d";
    made.chain.push_back({"", {"relux/tests/a.relux", 7, 1, 2, ""}});
    return made;
}

TestResult result(std::string name, OutcomeKind outcome) {
    TestResult made;
    made.path = "dir/a.relux";
    made.slug = name;
    made.name = std::move(name);
    made.outcome = outcome;
    made.duration = 1500us;
    if (outcome == OutcomeKind::Failed) made.failure = failure("it \x1b[1m ]]> <&\" \xff\ngone");
    if (outcome == OutcomeKind::Skipped) made.skip_reason = "no # hash";
    if (outcome == OutcomeKind::Invalid) made.skip_reason = "parse error";
    return made;
}

std::string tap_of(const RunSummary& summary) {
    const std::filesystem::path run_directory = "/run";
    return format_tap({summary, "suite", run_directory});
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("markup has nothing that XML forbids") {
    CHECK(markup_text("a<b>&\"\t\r\n\r\x01\x7f\xff\xef\xbf\xbf\xc3\xa9") ==
          "a&lt;b&gt;&amp;&quot;\t\n\\r\\x01\\x7f\\xff\\xef\\xbf\\xbf\xc3\xa9");
    CHECK(markup_line("a\nb\tc") == "a\\nb\\tc");
    CHECK(markup_text("a\u202e<\u2069") == "a\\u202e&lt;\\u2069");
    CHECK(xml_attribute("a\u202e<\u2069\n") == "a&#x202e;&lt;&#x2069;\\n");
    CHECK(markup_text("a\xc2\x9b<\xc2\xa0") == "a\\xc2\\x9b&lt;\xc2\xa0");
    CHECK(xml_attribute("a\xc2\x80<\xc2\x9f\x9f") == "a&#x0080;&lt;&#x009f;\\x9f");
    CHECK(url_path("a b/\xc2\x9b#?%&\"") == "a%20b/%C2%9B%23%3F%25%26%22");
}

TEST_CASE("TAP: directives, diagnostics, escapes") {
    RunSummary summary{"id",
                       "t",
                       "h",
                       1s,
                       {result("good", OutcomeKind::Passed), result("bad", OutcomeKind::Failed),
                        result("skipped", OutcomeKind::Skipped), result("invalid", OutcomeKind::Invalid)}};
    CHECK(tap_of(summary) ==
          "TAP version 13\n1..4\n"
          "ok 1 - good\n"
          "  ---\n"
          "  duration_ms: 2\n"
          "  ...\n"
          "not ok 2 - bad\n"
          "  ---\n"
          "  message: \"it \\\\x1b[1m ]]> <&\\\" \\\\xff\\ngone\"\n"
          "  shell: \"s\"\n"
          "  pattern: \"\\\"p\\\\d\"\n"
          "  file: \"relux/tests/a.relux\"\n"
          "  line: 7\n"
          "  duration_ms: 2\n"
          "  ...\n"
          "ok 3 - skipped # SKIP no # hash\n"
          "not ok 4 - invalid # INVALID parse error\n");
    CHECK(tap_of({"id", "t", "h", 1s, {}}) == "TAP version 13\n1..0 # SKIP no tests\n");
}

TEST_CASE("TAP: names that two tests have, escapes in names, why a test was cancelled") {
    auto cancelled = result("one # \\ name", OutcomeKind::Cancelled);
    cancelled.failure.emplace();
    cancelled.failure->cancellation = {"fail-fast", {}, "other"};
    auto passed = result("same", OutcomeKind::Passed);
    passed.log_directory = "logs/x";
    CHECK(tap_of({"id", "t", "h", 1s, {cancelled, passed, result("same", OutcomeKind::Skipped)}}) ==
          "TAP version 13\n1..3\n"
          "not ok 1 - one \\# \\\\ name\n"
          "  ---\n"
          "  cancellation: fail-fast\n"
          "  duration_ms: 2\n"
          "  ...\n"
          "ok 2 - same (dir/a.relux)\n"
          "  ---\n"
          "  duration_ms: 2\n"
          "  log: \"logs/x/event.html\"\n"
          "  log_json: \"logs/x/events.json\"\n"
          "  ...\n"
          "ok 3 - same (dir/a.relux) # SKIP no # hash\n");
}

TEST_CASE("JUnit: flaky attempts are reruns in Surefire's form") {
    auto flaky = result("flaky", OutcomeKind::Passed);
    flaky.flaky_retries = 1;
    flaky.failed_attempts.push_back({failure("first time"), 1ms, ""});
    auto never = result("never", OutcomeKind::Failed);
    never.flaky_retries = 1;
    never.failed_attempts.push_back({failure("attempt one"), 1ms, ""});
    const RunSummary summary{"id", "t", "h", 1s, {flaky, never, result("no", OutcomeKind::Invalid)}};
    const std::filesystem::path run_directory = "/run";
    const auto xml = format_junit({summary, "suite", run_directory});
    CHECK(contains(xml, "<testsuite name=\"suite\" tests=\"3\" failures=\"1\" errors=\"1\" time="));
    CHECK(contains(xml, "<testcase name=\"flaky\" classname=\"dir/a\" time=\"0.002\">"));
    CHECK(contains(xml, "<flakyFailure message=\"first time\" type=\"MatchTimeout\">"));
    CHECK(contains(xml, "<failure message=\"attempt one\" type=\"MatchTimeout\">"));
    CHECK(contains(xml, "<rerunFailure message=\"it \\x1b[1m ]]&gt; &lt;&amp;&quot; \\xff\\ngone\""));
    CHECK(contains(xml, "<error message=\"parse error\" type=\"Invalid\">"));
}

TEST_CASE("the page of a run has each test once, failures first") {
    test_support::TemporaryDirectory directory;
    const auto file = directory.path() / "index.html";
    REQUIRE(write_run_page(
        {"id", "t", "h", 1s, {result("<good>", OutcomeKind::Passed), result("bad", OutcomeKind::Failed)}},
        "suite", directory.path(), file));
    const auto html = directory.read("index.html");
    CHECK(contains(html, "&lt;good&gt;"));
    CHECK(html.find("data-outcome=fail") < html.find("data-outcome=pass"));
    CHECK_FALSE(contains(html, "http"));
    CHECK_FALSE(contains(html, "\x1b"));
}

TEST_CASE("a report that can't be written leaves the old one") {
    test_support::TemporaryDirectory directory;
    const auto run_directory = directory.path() / "none";
    WantedReports all;
    all.fill(true);
    const auto errors = write_wanted_reports(all, {RunSummary{}, "suite", run_directory});
    REQUIRE(errors.size() == kReportFormats.size());
    for (const auto& error : errors)
        CHECK(contains(error.message, "cannot write"));
    CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("a report of many pieces, of any size and in any way, is whole") {
    test_support::TemporaryDirectory directory;
    ReportFile file(directory.path() / "report");
    std::string expected;
    for (std::size_t i = 0; expected.size() < 2'000'000; ++i) {
        const std::size_t sizes[] = {0, 1, 511, 512, 513, 65'535 - i, 65'536, 66'048, 66'049, 200'000};
        const std::string piece(sizes[i % std::size(sizes)], static_cast<char>('a' + i % 26));
        expected += piece + "-" + piece.substr(0, ReportFile::kMostRoom);
        file.write(piece);
        file.write('-');
        const auto size = std::min(piece.size(), ReportFile::kMostRoom);
        char* const room = file.room(ReportFile::kMostRoom);
        file.filled(std::copy_n(piece.data(), size, room));
    }
    REQUIRE(file.commit(false));
    CHECK(directory.read("report") == expected);
}

TEST_CASE("events.json: output that brings a secret in pieces is masked") {
    test_support::TemporaryDirectory directory;
    EventLog log;
    const EventPlace place{0, 1, 0, 3};
    std::int64_t end = 0;
    for (const std::string_view piece : {"xx hun", "ter", "22 yy", " hunte"}) {
        log.record(EventKind::Recv, 1ms, place, {piece});
        const auto begin = std::exchange(end, end + static_cast<std::int64_t>(piece.size()));
        log.record(EventKind::BufferGrew, 1ms, place, {begin, end});
    }
    // Between the two halves of the secret, and in it.
    for (const std::int64_t at : {6, 8})
        log.record(EventKind::BufferMatched, 1ms, place, {std::int64_t{0}, at, at + 1, end});
    log.record(EventKind::VarLet, 2ms, place, {"pin_token", "1"});
    log.record(EventKind::VarLet, 2ms, place, {"my_token", "1234-z"});
    log.record(EventKind::MultiMatch, 2ms, place, {"s"});
    const std::map<std::string, std::string> environment = {{"A_TOKEN", "hunter22"}};
    const RunSecrets run(SecretNames(), {&environment});
    const Secrets secrets(run);
    const TestResult passed;
    const TestRecord record{log,
                            passed,
                            secrets,
                            "id",
                            0,
                            1.0,
                            {"a.relux", "test"},
                            1,
                            {{"s", "s"}},
                            environment,
                            [](std::uint32_t) { return SourceFile{}; },
                            directory.path(),
                            nullptr,
                            0,
                            1,
                            5,
                            {{"A_TOKEN", "hunter22", true}}};
    REQUIRE(write_test_report(record));
    const auto json = directory.read("events.json");
    CHECK_FALSE(contains(json, "hunt"));
    CHECK_FALSE(contains(directory.read("event.html"), "hunt"));
    CHECK(contains(json, "\"data\": \"xx \""));
    CHECK(contains(json, "\"data\": \"*** yy\""));
    CHECK(contains(json, "\"before\": \"xx ***\""));
    CHECK(contains(json, "\"kind\": \"var-let\",\n      \"name\": \"pin_token\",\n      \"value\": \"1\""));
    CHECK(contains(json, "\"name\": \"my_token\",\n      \"value\": \"***\""));
    CHECK(contains(json, "\"key\": \"A_TOKEN\",\n        \"value\": \"***\""));
    CHECK(contains(json, "\"kind\": \"multi-match\",\n      \"shell\": \"s\""));
}

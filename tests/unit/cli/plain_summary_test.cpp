// Summaries are read without the parser as the parser reads them, and nothing else is.
#include "tools/history/plain_summary.h"

#include <doctest/doctest.h>

#include "tests/unit/cli/project_directory.h"
#include "vm/report/run_summary.h"

using namespace relux::cli;
namespace report = relux::report;

namespace {

report::RunSummary summary() {
    report::RunSummary summary{
        "V36qJQjdn9", "2026-11-21T11:00:34Z", "host \"a\\b\"", std::chrono::seconds(3), {}};
    report::TestResult passed;
    passed.path = "tasks/smoke.relux";
    passed.name = "tabs\tand\nlines, \"quotes\" = \\ naïve [[tests]]";
    passed.duration = std::chrono::milliseconds(1234);
    passed.log_directory = "logs/x";
    passed.cached_because = "unchanged";
    summary.tests.push_back(passed);
    report::TestResult failed;
    failed.path = "a.relux";
    failed.slug = "a-2";
    failed.file = "relux/tests/a.relux";
    failed.line = 7;
    failed.outcome = report::OutcomeKind::Failed;
    failed.failure.emplace();
    failed.failure->kind = report::FailureKind::MatchTimeout;
    failed.failure->summary = "ends in a backslash \\";
    failed.flaky_retries = 2;
    summary.tests.push_back(failed);
    report::TestResult cancelled;
    cancelled.outcome = report::OutcomeKind::Cancelled;
    cancelled.failure.emplace();
    cancelled.failure->kind = report::FailureKind::Cancelled;
    cancelled.failure->cancellation.reason = "test-timeout";
    cancelled.failure->cancellation.limit = std::chrono::seconds(3);
    summary.tests.push_back(cancelled);
    report::TestResult skipped;
    skipped.outcome = report::OutcomeKind::Skipped;
    skipped.skip_reason = "# skip";
    summary.tests.push_back(skipped);
    return summary;
}

void check_same(const PastRun& a, const PastRun& b) {
#define RUN_MEMBER(form, member, key, value) CHECK(a.member == b.member);
#include "vm/report/run_summary.def"
    REQUIRE(a.tests.size() == b.tests.size());
    for (std::size_t i = 0; i < a.tests.size(); ++i) {
        const auto& one = a.tests[i];
        const auto& other = b.tests[i];
#define TEST_MEMBER(form, member, key, value) CHECK(one.member == other.member);
#include "vm/report/run_summary.def"
    }
}

}  // namespace

TEST_CASE("a summary as it is written is read without the parser, and to the same") {
    const auto text = report::format_run_summary(summary());
    const auto plain = read_plain_summary(text);
    REQUIRE(plain);
    CHECK(plain->tests[0].name == summary().tests[0].name);
    CHECK(plain->tests[0].cached);
    CHECK(plain->tests[1].failure_summary == "ends in a backslash \\");
    ProjectDirectory disk;
    // A comment is enough to make it the parser's.
    disk.write("run/run_summary.toml", text + "# read by the parser\n");
    const auto parsed = read_past_run(disk.root() / "run");
    REQUIRE(parsed);
    check_same(*plain, *parsed);
}

TEST_CASE("a summary has every member for at least one test") {
    const auto text = report::format_run_summary(summary());
#define RUN_MEMBER(form, member, key, value) CHECK(text.find("\n" key " = ") != std::string::npos);
#define TEST_MEMBER(form, member, key, value) CHECK(text.find("\n" key " = ") != std::string::npos);
#include "vm/report/run_summary.def"
}

TEST_CASE("what a summary is not written like is left to the parser") {
    const auto text = report::format_run_summary(summary());
    for (std::size_t size = 0; size < text.size(); ++size) {
        const auto cut = read_plain_summary(std::string_view(text).substr(0, size));
        // Cut between two lines it is a summary of fewer tests.
        if (cut) CHECK(text[size - 1] == '\n');
    }
    const std::string run = "[run]\nrun_id = \"a\"\n";
    const std::string test = "\n[[tests]]\nname = \"a\"\noutcome = \"pass\"\n";
    REQUIRE(read_plain_summary(run + test));
    for (const std::string line :
         {"other = 1", "merged_from = [\"a\"]", "name = 1", "name = 'a'", "name = \"\\u00e4\"", "name = \"a",
          "name = \"", "name = \"a\" ", "name = \"a\"b\"", "name = \"a\\\"", "duration_ms = 1.5",
          "duration_ms = \"1\"", "duration_ms = ", "outcome = \"wonderful\"", "# comment", "[other]",
          "name=\"a\"", "a.b = 1"}) {
        INFO(line);
        CHECK(!read_plain_summary(run + test + line + "\n"));
    }
    CHECK(!read_plain_summary(run + "\n[[tests]]\nname = \"a\"\n" + test));
    CHECK(!read_plain_summary("\n" + run));
    CHECK(!read_plain_summary(""));
}

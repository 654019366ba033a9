// run_summary.toml: exact text, valid whatever bytes a failure quotes, replaced in one step.
#include <chrono>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/support/temporary_directory.h"
#include "vm/report/run_summary.h"

using namespace relux;
using namespace relux::report;
using namespace std::chrono_literals;

namespace {

RunSummary sample() {
    RunSummary summary;
    summary.run_id = "RnwTRJ4AMY";
    summary.timestamp = "2026-03-11T14:04:08Z";
    summary.hostname = "ci";
    summary.duration = 5104600us;
    TestResult passed;
    passed.name = "task CRUD";
    passed.path = "tasks/smoke.relux";
    passed.duration = 5800us;
    passed.flaky_retries = 2;
    passed.log_directory = "logs/relux/tests/tasks/smoke/task-crud";
    TestResult failed;
    failed.name = "say \"hi\"";
    failed.path = "a.relux";
    failed.outcome = OutcomeKind::Failed;
    failed.failure.emplace();
    failed.failure->kind = FailureKind::FailPattern;
    failed.failure->summary = "fail pattern matched in shell 's': \x1b\xff\\é\t\n";
    TestResult skipped;
    skipped.name = "later";
    skipped.path = "a.relux";
    skipped.outcome = OutcomeKind::Skipped;
    skipped.skip_reason = "skip";
    TestResult cancelled;
    cancelled.name = "waits";
    cancelled.path = "a.relux";
    cancelled.file = "relux/tests/a.relux";
    cancelled.line = 7;
    cancelled.outcome = OutcomeKind::Cancelled;
    cancelled.failure.emplace();
    cancelled.failure->cancellation = {"test-timeout", 300ms, {}};
    summary.tests = {passed, failed, skipped, cancelled};
    return summary;
}

constexpr const char* kSampleText = R"([run]
run_id = "RnwTRJ4AMY"
timestamp = "2026-03-11T14:04:08Z"
duration_ms = 5105
hostname = "ci"

[[tests]]
name = "task CRUD"
path = "tasks/smoke.relux"
outcome = "pass"
duration_ms = 6
flaky_retries = 2
log_dir = "logs/relux/tests/tasks/smoke/task-crud"

[[tests]]
name = "say \"hi\""
path = "a.relux"
outcome = "fail"
duration_ms = 0
failure_type = "FailPatternMatched"
failure_summary = "fail pattern matched in shell 's': \u001B\\xff\\é\t\n"
flaky_retries = 0

[[tests]]
name = "later"
path = "a.relux"
outcome = "skipped"
duration_ms = 0
skip_reason = "skip"
flaky_retries = 0

[[tests]]
name = "waits"
path = "a.relux"
file = "relux/tests/a.relux"
line = 7
outcome = "cancelled"
duration_ms = 0
cancellation_reason = "test-timeout"
cancellation_detail = "duration_ms=300"
flaky_retries = 0
)";

}  // namespace

TEST_CASE("the summary as text") {
    CHECK(format_run_summary(sample()) == kSampleText);
}

TEST_CASE("names that files rely on") {
    CHECK(outcome_name(OutcomeKind::Passed) == "pass");
    CHECK(outcome_name(OutcomeKind::Failed) == "fail");
    CHECK(outcome_name(OutcomeKind::Cancelled) == "cancelled");
    CHECK(outcome_name(OutcomeKind::Skipped) == "skipped");
    CHECK(outcome_name(OutcomeKind::Invalid) == "invalid");
    CHECK(failure_kind_name(FailureKind::MatchTimeout) == "match-timeout");
    CHECK(failure_kind_name(FailureKind::Cancelled) == "cancelled");
    CHECK(failure_type_name(FailureKind::MatchTimeout) == "MatchTimeout");
    CHECK(failure_type_name(FailureKind::TestTimeout) == "Runtime");
    CHECK(failure_kind_of_type("fail-pattern") == FailureKind::FailPattern);
    CHECK(failure_kind_of_type("FailPatternMatched") == FailureKind::FailPattern);
    CHECK(failure_kind_of_type("Runtime") == FailureKind::Runtime);
    CHECK_FALSE(failure_kind_of_type("none").has_value());
}

TEST_CASE("writing replaces the file and leaves nothing beside it") {
    test_support::TemporaryDirectory directory;
    auto file = directory.path() / "run_summary.toml";
    REQUIRE(write_run_summary(RunSummary{}, file));
    REQUIRE(write_run_summary(sample(), file));
    CHECK(directory.read("run_summary.toml") == kSampleText);
    auto entries = std::filesystem::directory_iterator(directory.path());
    CHECK(std::distance(begin(entries), end(entries)) == 1);
}

TEST_CASE("a write that fails says where and leaves the old file") {
    test_support::TemporaryDirectory directory;
    auto status = write_run_summary(sample(), directory.path() / "missing" / "run_summary.toml");
    REQUIRE(!status);
    CHECK(status.error().message.find("missing/run_summary.toml") != std::string::npos);
    auto file = directory.path() / "run_summary.toml";
    REQUIRE(write_run_summary(sample(), file));
    std::filesystem::create_directory(directory.path() /
                                      ("run_summary.toml." + std::to_string(::getpid()) + ".new"));
    CHECK(!write_run_summary(RunSummary{}, file));
    CHECK(directory.read("run_summary.toml") == kSampleText);
}

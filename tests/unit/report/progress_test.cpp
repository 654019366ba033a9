// The plain lines, word for word: CI jobs grep them.
#include <chrono>
#include <vector>

#include <doctest/doctest.h>

#include "vm/report/plain_progress.h"

using namespace relux;
using namespace relux::report;
using namespace std::chrono_literals;

namespace {

TestResult result_of(OutcomeKind outcome, Duration duration) {
    TestResult result;
    result.path = "tasks/smoke.relux";
    result.name = "Task CRUD";
    result.slug = "task-crud";
    result.outcome = outcome;
    result.duration = duration;
    result.progress = "|..";
    return result;
}

}  // namespace

TEST_CASE("the first line counts") {
    CHECK(running_line(0) == "running 0 tests\n");
    CHECK(running_line(1) == "running 1 test\n");
    CHECK(running_line(3) == "running 3 tests\n");
}

TEST_CASE("a line for each outcome") {
    CHECK(test_line(result_of(OutcomeKind::Passed, 5800us)) ==
          "test tasks/smoke.relux/task-crud: |.. ok (5.8 ms)\n");
    CHECK(test_line(result_of(OutcomeKind::Failed, 5s)) ==
          "test tasks/smoke.relux/task-crud: |.. FAILED (5.0 s)\n");
    CHECK(test_line(result_of(OutcomeKind::Cancelled, 2s)) ==
          "test tasks/smoke.relux/task-crud: |.. cancelled (2.0 s)\n");
}

TEST_CASE("a test that never started shows no progress") {
    auto result = result_of(OutcomeKind::Cancelled, 0s);
    result.progress.clear();
    CHECK(test_line(result) == "test tasks/smoke.relux/task-crud: cancelled, never ran\n");
    result.outcome = OutcomeKind::Passed;
    result.duration = 1ms;
    CHECK(test_line(result) == "test tasks/smoke.relux/task-crud: ok (1.0 ms)\n");
}

TEST_CASE("a long progress string is cut in its middle") {
    auto result = result_of(OutcomeKind::Failed, 5s);
    result.progress = std::string(400, '.') + "x";
    const auto line = test_line(result);
    const std::string before = "test tasks/smoke.relux/task-crud: ";
    CHECK(line == before + std::string(40, '.') + "..." + std::string(76, '.') + "x FAILED (5.0 s)\n");
    result.progress = std::string(119, '.') + "x";
    CHECK(test_line(result) == before + result.progress + " FAILED (5.0 s)\n");
    // No character is cut.
    result.progress = std::string(39, '.') + "é" + std::string(200, '.');
    CHECK(test_line(result).starts_with(before + std::string(39, '.') + "..."));
}

TEST_CASE("a test that passed after all says on which try, and why the others failed") {
    auto result = result_of(OutcomeKind::Passed, 2s);
    result.flaky_retries = 1;
    result.most_tries = 3;
    result.failed_attempts.emplace_back();
    result.failed_attempts[0].failure.summary = "match timeout in shell 's': timed out waiting for ^a$";
    result.failed_attempts[0].duration = 1500ms;
    CHECK(test_line(result) ==
          "test tasks/smoke.relux/task-crud: |.. ok on try 2 of 3 (2.0 s)\n"
          "  try 1 failed (1.5 s): match timeout in shell 's': timed out waiting for ^a$\n");
}

TEST_CASE("words that say how it went are painted where that is wanted") {
    CHECK(test_line(result_of(OutcomeKind::Passed, 1s), true) ==
          "test tasks/smoke.relux/task-crud: |.. \x1b[32mok\x1b[0m (1.0 s)\n");
    CHECK(test_line(result_of(OutcomeKind::Failed, 1s), true) ==
          "test tasks/smoke.relux/task-crud: |.. \x1b[1;31mFAILED\x1b[0m (1.0 s)\n");
}

TEST_CASE("skipped and invalid tests give their reason") {
    auto result = result_of(OutcomeKind::Skipped, 0s);
    result.progress.clear();
    result.skip_reason = "skip unless \"${CI}\": CI is empty";
    CHECK(test_line(result) ==
          "test tasks/smoke.relux/task-crud: skipped (skip unless \"${CI}\": CI is empty)\n");
    result.outcome = OutcomeKind::Invalid;
    result.skip_reason.clear();
    CHECK(test_line(result) == "test tasks/smoke.relux/task-crud: invalid\n");
    result.failure.emplace();
    result.failure->summary = "parse error: expected function name";
    CHECK(test_line(result) ==
          "test tasks/smoke.relux/task-crud: invalid (parse error: expected function name)\n");
}

TEST_CASE("a file whose tests are not known is named alone") {
    auto result = result_of(OutcomeKind::Invalid, 0s);
    result.name.clear();
    result.slug.clear();
    result.skip_reason = "parse error";
    CHECK(test_line(result) == "test tasks/smoke.relux: invalid (parse error)\n");
}

TEST_CASE("no line is torn by what a reason contains") {
    auto result = result_of(OutcomeKind::Skipped, 0s);
    result.skip_reason = "a\nb\x1b[0m";
    CHECK(test_line(result) == "test tasks/smoke.relux/task-crud: skipped (a\\nb\\x1b[0m)\n");
}

TEST_CASE("the result line shows passed and failed always, the rest where there is something to count") {
    std::vector<TestResult> results = {result_of(OutcomeKind::Passed, 1s),
                                       result_of(OutcomeKind::Passed, 2s)};
    CHECK(result_lines(results, 3s, 1, "/p/out/run-1") ==
          "test result: ok. 2 passed; 0 failed; finished in 3.0 s\n"
          "  Test logs: file:///p/out/run-1/index.html\n");
    results.push_back(result_of(OutcomeKind::Skipped, 0s));
    results[0].flaky_retries = 2;
    results[1].flaky_retries = 1;
    CHECK(result_lines(results, 3s, 1, "/p")
              .starts_with(
                  "test result: ok. 2 passed; 0 failed; 1 skipped; 3 flaky retries; finished in 3.0 s\n"));
    results.push_back(result_of(OutcomeKind::Failed, 1s));
    results.push_back(result_of(OutcomeKind::Cancelled, 1s));
    results.push_back(result_of(OutcomeKind::Invalid, 0s));
    CHECK(result_lines(results, 2s, 4, "/p")
              .starts_with("test result: FAILED. 2 passed; 1 failed; 1 cancelled; 1 invalid; 1 skipped; 3 "
                           "flaky retries; "
                           "finished in 2.0 s (5.0 s cumulative)\n"));
}

TEST_CASE("cancelled or invalid alone fail the run") {
    std::vector<TestResult> cancelled = {result_of(OutcomeKind::Cancelled, 0s)};
    std::vector<TestResult> invalid = {result_of(OutcomeKind::Invalid, 0s)};
    CHECK(result_lines(cancelled, 0s, 1, "/p")
              .starts_with("test result: FAILED. 0 passed; 0 failed; 1 cancelled; "));
    CHECK(result_lines(invalid, 0s, 1, "/p")
              .starts_with("test result: FAILED. 0 passed; 0 failed; 1 invalid; "));
    CHECK(result_lines({}, 0s, 1, "/p").starts_with("test result: ok. 0 passed; 0 failed; finished in "));
}

TEST_CASE("the link is one word whatever the directory is called") {
    CHECK(result_lines({}, 1s, 1, "/my suite/ö%").ends_with("file:///my%20suite/%C3%B6%25/index.html\n"));
}

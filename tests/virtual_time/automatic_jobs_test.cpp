// `-j auto` in whole runs, on a machine that is made up.
#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"
#include "vm/base/files.h"

namespace relux::virtual_time {

namespace {

using report::OutcomeKind;

class MadeUpMachine final : public run::MachineLoad {
  public:
    std::optional<double> share_idle;
    std::optional<double> idle() override { return share_idle; }
    std::optional<std::uint64_t> free;
    int short_of_memory = 0;  ///< so many times, then there is plenty
    std::optional<std::uint64_t> free_memory() override {
        if (short_of_memory > 0 && --short_of_memory == 0) free.reset();
        return free;
    }
};

std::string sleeping_tests(int count) {
    std::string source;
    for (int i = 0; i < count; ++i)
        source += "test \"t" + std::to_string(i) + "\" {\n shell s {\n  sleep(\"1s\")\n }\n}\n";
    return source;
}

run::SuiteResult run_automatic(int first, int tests, std::optional<double> idle) {
    MadeUpMachine machine;
    machine.share_idle = idle;
    ScriptedSuite suite;
    suite.settings.jobs = first;
    suite.settings.automatic_jobs = true;
    suite.instruments.machine = &machine;
    return suite.run(sleeping_tests(tests));
}

}  // namespace

TEST_CASE("an idle machine is given more and more tests") {
    const auto result = run_automatic(2, 40, 0.9);
    const auto& jobs = result.statistics.jobs;
    CHECK(jobs.automatic);
    CHECK(jobs.first == 2);
    CHECK(jobs.least == 2);
    CHECK(jobs.most > 10);
    CHECK(jobs.raised == static_cast<std::uint64_t>(jobs.most - 2));
    CHECK(jobs.lowered == 0);
    // 40 tests of a second, two at once, would take 20 of them.
    CHECK(result.duration < 8s);
    CHECK(result.statistics.shells_at_once > 10);
    CHECK(result.statistics.shells_at_once <= static_cast<std::uint64_t>(jobs.most));
    for (const auto& test : result.results)
        CHECK(test.outcome == OutcomeKind::Passed);
}

TEST_CASE("a busy machine is given the first number of tests, and so is one that tells nothing") {
    for (const std::optional<double> idle : {std::optional(0.02), std::optional<double>()}) {
        const auto result = run_automatic(3, 9, idle);
        CHECK(result.statistics.jobs.most == 3);
        CHECK(result.statistics.shells_at_once == 3);
        CHECK(result.duration == 3s);
    }
}

TEST_CASE("there are never more than sixteen for each of the first") {
    const auto result = run_automatic(1, 150, 0.9);
    CHECK(result.statistics.jobs.most == 16);
    CHECK(result.statistics.shells_at_once == 16);
}

TEST_CASE("a machine that runs out of memory is given fewer tests, and those that run go on") {
    MadeUpMachine machine;
    machine.share_idle = 0.9;
    machine.free = std::uint64_t{64} << 20;
    ScriptedSuite suite;
    suite.settings.jobs = 10;
    suite.settings.automatic_jobs = true;
    suite.instruments.machine = &machine;
    const auto result = suite.run(sleeping_tests(30));
    CHECK(result.statistics.shells_at_once == 10);
    CHECK(result.statistics.jobs.raised == 0);
    // In each second a quarter fewer, once those of the second before have ended: 10, 8, 6, 5, and the last
    // one.
    CHECK(result.duration == 5s);
    CHECK(result.statistics.jobs.last == 3);
    for (const auto& test : result.results)
        CHECK(test.outcome == OutcomeKind::Passed);
}

TEST_CASE("tests that are added again are shown on the tracks that are free") {
    MadeUpMachine machine;
    machine.share_idle = 0.9;
    machine.free = std::uint64_t{64} << 20;
    machine.short_of_memory = 8;
    ScriptedSuite suite;
    suite.settings.jobs = 10;
    suite.settings.automatic_jobs = true;
    suite.instruments.machine = &machine;
    const auto file = suite.settings.run_directory / "trace.json";
    auto trace = report::TraceFile::create(file, 1);
    REQUIRE(trace);
    suite.instruments.trace = trace->get();
    const auto result = suite.run(sleeping_tests(60));
    REQUIRE((*trace)->close());
    const auto& jobs = result.statistics.jobs;
    CHECK(jobs.lowered > 0);
    CHECK(jobs.raised > 0);
    const auto text = read_file(file);
    REQUIRE(text);
    const auto track = [](int number) { return "{\"name\":\"tests " + std::to_string(number) + "\"}"; };
    CHECK(text->find(track(jobs.most)) != std::string::npos);
    CHECK(text->find(track(jobs.most + 1)) == std::string::npos);
}

TEST_CASE("an interrupt ends a run whose number of tests is not fixed") {
    MadeUpMachine machine;
    machine.share_idle = 0.9;
    ScriptedSuite suite;
    suite.settings.jobs = 2;
    suite.settings.automatic_jobs = true;
    suite.instruments.machine = &machine;
    suite.loop.interrupt_at(suite.loop.now() + 500ms, 2);
    const auto result = suite.run(sleeping_tests(20));
    CHECK(result.interrupted);
    CHECK(result.duration == 500ms);
    for (const auto& test : result.results)
        CHECK(test.outcome == OutcomeKind::Cancelled);
}

}  // namespace relux::virtual_time

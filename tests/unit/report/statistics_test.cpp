// The statistics of a run, as people and programs read them.
#include <doctest/doctest.h>

#include "vm/report/run_statistics.h"

namespace relux::report {

using namespace std::chrono_literals;

TEST_CASE("the slowest are kept in order, of equal ones the first") {
    Slowest<SlowTest> slowest;
    for (int i = 0; i < 20; ++i)
        slowest.add({std::chrono::milliseconds(i % 10), "p", std::to_string(i), {}});
    REQUIRE(slowest.entries().size() == Slowest<SlowTest>::kKept);
    CHECK(slowest.entries()[0].name == "9");
    CHECK(slowest.entries()[1].name == "19");
    CHECK(slowest.entries()[4].name == "7");
    CHECK(!slowest.admits(7ms));
    CHECK(slowest.admits(8ms));
}

TEST_CASE("what did not happen has no row") {
    const auto text = describe_statistics(RunStatistics{});
    CHECK(text.find("sleeping") == std::string::npos);
    CHECK(text.find("effects") == std::string::npos);
    CHECK(text.find("slowest") == std::string::npos);
    CHECK(text.find("memory") == std::string::npos);
    CHECK(text.find("round trips") == std::string::npos);
}

TEST_CASE("each row tells what it is of, in the order of size") {
    RunStatistics statistics;
    statistics.wall = 2s;
    statistics.tests = 1s;
    statistics.attempts.add(3s);
    statistics.own = {120ms, 80ms};
    statistics.peak_memory = 10'240 * 1024;
    statistics.of(ShellWork::Waiting).add(3s);
    statistics.of(ShellWork::Waiting).add(1s);
    statistics.of(ShellWork::Sleeping).add(1s);
    statistics.sends = 12'345;
    statistics.bytes_sent = 999;
    statistics.bytes_received = 3 << 20;
    statistics.matches = 1;
    statistics.round_trips.record(100us);
    statistics.slowest_waits.add(
        {2s, "^a\x1b$", "relux/tests/a.relux:4", "s", "a.relux", "One two", "one-two"});
    const auto text = describe_statistics(statistics);
    for (const std::string_view expected :
         {"  wall        2.0 s: 0.0 ms to compile and load, 1.0 s of tests",
          "  processor   200.0 ms of the runner (120.0 ms user, 80.0 ms system)",
          "  memory      10.0 MiB at most, of the runner\n",
          "  tests       1 attempt, 3.0 s one after another; 3.0 at once on average\n",
          "    waiting       4.0 s  80 %  2 times, 2.0 s on average, at most 3.0 s; for output\n",
          "    sleeping      1.0 s  20 %  1 time, 1.0 s on average",
          "  traffic     12,345 sends (999 bytes), 3.0 MiB of output, 1 match, 0 time-outs, 0 fail patterns "
          "hit\n",
          "  round trips 0.10 ms from a send to the output after it, 99 % within 0.10 ms\n",
          "        2.0 s  relux/tests/a.relux:4: ^a\\x1b$ (shell s of a.relux/one-two)\n"}) {
        CAPTURE(text);
        CAPTURE(expected);
        CHECK(text.find(expected) != std::string::npos);
    }
}

TEST_CASE("what was waited for has one line, however long it is") {
    RunStatistics statistics;
    statistics.slowest_waits.add({2s, std::string(500, 'x') + "\n", "f:4", "s", "p", "n", "n"});
    const auto text = describe_statistics(statistics);
    CHECK(text.ends_with(": " + std::string(80, 'x') + "… (shell s of p/n)\n"));
}

TEST_CASE("the table for programs has milliseconds and quoted texts") {
    RunStatistics statistics;
    statistics.wall = 1'234'567'890ns;
    statistics.jobs.automatic = true;
    statistics.slowest_tests.add({5ms, "a\"b.relux", "name\n", "name"});
    const auto text = format_statistics(statistics);
    CHECK(text.starts_with("\n[stats]\nwall_ms = 1234.567\n"));
    CHECK(text.find("[stats.jobs]\nautomatic = true\nfirst = 1\n") != std::string::npos);
    CHECK(
        text.ends_with("\n[[stats.slowest_tests]]\nduration_ms = 5.000\npath = \"a\\\"b.relux\"\n"
                       "name = \"name\\n\"\n"));
}

}  // namespace relux::report

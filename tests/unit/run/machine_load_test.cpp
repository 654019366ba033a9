// Tests the reading of what the system tells of itself, as text.
#include "vm/run/machine_load.h"

#include <doctest/doctest.h>

using namespace relux::run;

TEST_CASE("the processors' ticks are those of all of them together") {
    const auto ticks = parse_processor_ticks(
        "cpu  100 20 30 4000 50 6 7 8 90 10\n"
        "cpu0 1 1 1 1 1 1 1 1 1 1\n"
        "intr 5\n");
    REQUIRE(ticks);
    CHECK(ticks->idle == 4050);
    CHECK(ticks->total == 100 + 20 + 30 + 4000 + 50 + 6 + 7 + 8);  // guests are in user time already
}

TEST_CASE("systems that tell less are understood, and nonsense is not") {
    const auto ticks = parse_processor_ticks("cpu  1 2 3 4\n");
    REQUIRE(ticks);
    CHECK(ticks->total == 10);
    CHECK(ticks->idle == 4);
    CHECK(!parse_processor_ticks("cpu  1 2 3\n"));
    CHECK(!parse_processor_ticks("cpu0 1 2 3 4\n"));
    CHECK(!parse_processor_ticks(""));
}

TEST_CASE("free memory is what can be had without swapping") {
    CHECK(parse_available_memory("MemTotal:  4000 kB\nMemFree:   10 kB\nMemAvailable:   3000 kB\n") ==
          3000 * 1024);
    CHECK(!parse_available_memory("MemTotal:  4000 kB\n"));
    CHECK(!parse_available_memory("MemAvailable: much\n"));
}

TEST_CASE("the files that a group holds in memory are no use of it") {
    CHECK(parse_cached_memory("anon 5\nfile 70\nactive_file 30\ninactive_file 40\nslab 3\n") == 70);
    CHECK(parse_cached_memory("anon 5\n") == 0);
}

TEST_CASE("the control group is that of version 2") {
    CHECK(parse_control_group("4:memory:/old\n0::/user.slice/a b\n") == "/user.slice/a b");
    CHECK(parse_control_group("0::/\n") == "");
    CHECK(parse_control_group("4:memory:/old\n") == "");
}

TEST_CASE("a quota of processors is rounded up") {
    CHECK(parse_processor_quota("200000 100000\n") == 2);
    CHECK(parse_processor_quota("150000 100000\n") == 2);
    CHECK(parse_processor_quota("5000 100000\n") == 1);
    CHECK(parse_processor_quota("max 100000\n") == 0);
    CHECK(parse_processor_quota("100000\n") == 0);
    CHECK(parse_processor_quota("100000 0\n") == 0);
    CHECK(parse_processor_quota("") == 0);
}

TEST_CASE("processes that are ready are counted without the one that asks") {
    CHECK(parse_ready_processes("0.20 0.18 0.12 4/80 11206\n") == 3);
    CHECK(parse_ready_processes("0.20 0.18 0.12 0/80 11206\n") == 0);
    CHECK(!parse_ready_processes("0.20 0.18 0.12\n"));
    CHECK(!parse_ready_processes("0.20 0.18 0.12 4 80\n"));
    CHECK(!parse_ready_processes(""));
}

TEST_CASE("this machine tells something") {
    HostLoad load;
    CHECK(!load.idle());  // there is nothing to compare with yet
    CHECK(load.free_memory().value_or(0) > 0);
    CHECK(peak_memory() > 1024);
    CHECK(usable_processors() >= 1);
}

#include "vm/base/duration.h"

#include <string>

#include <doctest/doctest.h>

namespace relux {

namespace {

std::int64_t nanoseconds(std::string_view text, bool allow_spaces = false) {
    auto duration = parse_duration(text, allow_spaces);
    INFO(std::string(text));
    REQUIRE(bool(duration));
    return duration->count();
}

std::string error(std::string_view text, bool allow_spaces = false) {
    auto duration = parse_duration(text, allow_spaces);
    return duration ? "no error" : duration.error().message;
}

}  // namespace

TEST_CASE("every unit, and pairs of them") {
    CHECK(nanoseconds("1ns") == 1);
    CHECK(nanoseconds("2us") == 2'000);
    CHECK(nanoseconds("250ms") == 250'000'000);
    CHECK(nanoseconds("5s") == 5'000'000'000);
    CHECK(nanoseconds("1m30s") == 90'000'000'000);
    CHECK(nanoseconds("2h") == 7'200'000'000'000);
    CHECK(nanoseconds("1d1h1m1s1ms1us1ns") == 90'061'001'001'001);
    CHECK(nanoseconds("0m5s") == 5'000'000'000);
    CHECK(nanoseconds("1m 30s", true) == 90'000'000'000);
    CHECK(nanoseconds("9223372036854775807ns") == 9'223'372'036'854'775'807);
}

TEST_CASE("what is no duration says why") {
    CHECK(error("") == "missing duration, for example `250ms` or `1m30s`");
    CHECK(error("5xyz") == "unknown unit `xyz`: use ns, us, ms, s, m, h or d");
    CHECK(error("1.5s") == "durations have no fractions: write 1500ms");
    CHECK(error("0.5m") == "durations have no fractions: write 30s");
    CHECK(error("1.s") == "unknown unit `.s`: use ns, us, ms, s, m, h or d");
    CHECK(error("0.3ns") == "unknown unit `.`: use ns, us, ms, s, m, h or d");
    CHECK(error("5S") == "unknown unit `S`: use ns, us, ms, s, m, h or d");
    CHECK(error("5") == "missing unit after `5`: use ns, us, ms, s, m, h or d");
    CHECK(error("1m30") == "missing unit after `30`: use ns, us, ms, s, m, h or d");
    CHECK(error("ms") == "missing number before `ms`");
    CHECK(error("-5s") == "missing number before `-`");
    CHECK(error("0s") == "a duration must be longer than zero");
    CHECK(error("1m 30s") == "a duration is written without spaces, for example `1m30s`");
    CHECK(error("1m ", true) == "a duration does not end in a space");
    CHECK(error(" 1m", true) == "missing number before ` `");
    CHECK(error("5 s", true) == "missing unit after `5`: use ns, us, ms, s, m, h or d");
    for (auto text :
         {"9223372036854775808ns", "99999999999999999999s", "106752d", "106751d1d", "10000000000s"}) {
        CHECK(error(text) == "duration is too long: at most about 292 years");
    }
}

TEST_CASE("the printed form is read back exactly") {
    CHECK(format_duration(Duration(90'000'000'000)) == "1m30s");
    CHECK(format_duration(Duration(200'000'000)) == "200ms");
    CHECK(format_duration(Duration(0)) == "0s");
    CHECK(format_duration(Duration(86'400'000'000'000)) == "1d");
    for (std::int64_t count :
         {1LL, 999LL, 1'500LL, 61'000'000'000LL, 90'061'001'001'001LL, 9'223'372'036'854'775'807LL}) {
        CHECK(nanoseconds(format_duration(Duration(count))) == count);
    }
}

TEST_CASE("a duration in a sentence has one unit below a minute") {
    using namespace std::chrono_literals;
    CHECK(describe_duration(1500ms) == "1.5s");
    CHECK(describe_duration(200ms) == "200ms");
    CHECK(describe_duration(10s) == "10s");
    CHECK(describe_duration(90s) == "1m30s");
    CHECK(describe_duration(90500ms) == "1m30s");
    CHECK(describe_duration(1500ns) == "1.5us");
    CHECK(describe_duration(2250ms) == "2.25s");
    CHECK(describe_duration(0ns) == "0s");
    CHECK(describe_measured(1234567us) == "1.2s");
    CHECK(describe_measured(999600us) == "1s");
    CHECK(describe_measured(500200us) == "500ms");
    CHECK(describe_measured(0ns) == "0s");
}

TEST_CASE("elapsed times have a unit that fits, also after rounding") {
    using namespace std::chrono_literals;
    CHECK(format_elapsed(0ns) == "0.0 ms");
    CHECK(format_elapsed(400us) == "0.4 ms");
    CHECK(format_elapsed(5800us) == "5.8 ms");
    CHECK(format_elapsed(999'949'999ns) == "999.9 ms");
    CHECK(format_elapsed(999'960us) == "1.0 s");
    CHECK(format_elapsed(5s) == "5.0 s");
    CHECK(format_elapsed(59'960ms) == "1m 00s");
    CHECK(format_elapsed(123s) == "2m 03s");
    CHECK(format_elapsed(3599'600ms) == "1h 00m 00s");
    CHECK(format_elapsed(3723s) == "1h 02m 03s");
}

}  // namespace relux

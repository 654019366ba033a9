// Times: formats, layouts and arithmetic, always in UTC. The clock stands at 2026-03-01T12:34:56.789Z, a
// Sunday.
#include <ctime>
#include <string>

#include "tests/unit/data/values.h"
#include "vm/data/moment.h"

namespace relux::data {

TEST_CASE("the clock") {
    constexpr CallCase kCases[] = {
        {"now", "[]", R"("2026-03-01T12:34:56Z")"},
        {"now", R"(["%H:%M:%S.%3f"])", R"("12:34:56.789")"},
        {"now", R"(["2006-01-02"])", R"("2026-03-01")"},
        {"nowUnix", "[]", "1772368496"},
    };
    check_calls(kCases);
}

TEST_CASE("arithmetic") {
    constexpr CallCase kCases[] = {
        {"addMinutes", R"(["2026-03-01T12:00:00Z",90])", R"("2026-03-01T13:30:00Z")"},
        {"addMinutes", R"(["2026-03-01T12:00:00Z",-1])", R"("2026-03-01T11:59:00Z")"},
        {"addMinutes", R"(["2026-03-01T12:00:00Z",0.5])", R"("2026-03-01T12:00:30Z")"},
        {"addMinutes", R"(["2026-03-01T12:00:00.25Z","1"])", R"("2026-03-01T12:01:00.25Z")"},
        {"addHours", R"(["2026-12-31T23:30:00Z",1])", R"("2027-01-01T00:30:00Z")"},
        {"addHours", "[0,1]", R"("1970-01-01T01:00:00Z")"},
        {"addHours", R"(["0",-1])", R"("1969-12-31T23:00:00Z")"},
        {"addDays", R"(["2028-02-28",1])", R"("2028-02-29T00:00:00Z")"},
        {"addDays", R"(["2026-02-28",1])", R"("2026-03-01T00:00:00Z")"},
        {"addDays", R"(["2026-03-01T01:00:00+02:00",0])", R"("2026-02-28T23:00:00Z")"},
        {"addDays", R"(["9999-12-31",1])", "! addDays: the result is outside of the years 0 to 9999"},
        {"addDays", R"(["0000-01-01",-1])", "! addDays: the result is outside of the years 0 to 9999"},
        {"addDays", R"(["2026-01-01",1e300])", "! addDays: the result is outside of the years 0 to 9999"},
        {"addDays", R"(["2026-01-01",9223372036854775807])",
         "! addDays: the result is outside of the years 0 to 9999"},
        {"addDays", R"(["tomorrow",1])",
         "! addDays: argument 1: `tomorrow` is no time; write it as 2006-01-02T15:04:05Z"},
        {"addDays", R"(["2026-01-01","x"])", "! addDays: argument 2 must be a number, got the string \"x\""},
        {"addDays", "[1e300,1]", "! addDays: argument 1: the time is outside of the years 0 to 9999"},
        {"dateSub", R"(["2026-03-01T12:00:00Z","2026-03-01T11:00:00Z"])", "3600"},
        {"dateSub", R"(["2026-03-01","2026-03-02"])", "-86400"},
        {"dateSub", R"(["2026-03-01","2026-02-01","days"])", "28"},
        {"dateSub", R"(["2026-03-01T12:00:00Z","2026-03-01","days"])", "0.5"},
        {"dateSub", R"(["2026-03-01T12:00:00Z","2026-03-01","hours"])", "12"},
        {"dateSub", R"(["2026-03-01T12:00:00Z","2026-03-01","minutes"])", "720"},
        {"dateSub", R"(["2026-03-01T00:00:00.5Z","2026-03-01"])", "0.5"},
        {"dateSub", "[1772368496,1772368490]", "6"},
        {"dateSub", R"(["9999-12-31","0000-01-01"])", "315569433600"},
    };
    check_calls(kCases);
}

TEST_CASE("what is read as a time without a layout") {
    constexpr CallCase kCases[] = {
        {"parseDate", R"(["2026-03-01T12:34:56Z"])", R"("2026-03-01T12:34:56Z")"},
        {"parseDate", R"(["2026-03-01T12:34:56.7890Z"])", R"("2026-03-01T12:34:56.789Z")"},
        {"parseDate", R"(["2026-03-01T12:34:56.1234567891234Z"])", R"("2026-03-01T12:34:56.123456789Z")"},
        {"parseDate", R"(["2026-03-01t12:34:56z"])", R"("2026-03-01T12:34:56Z")"},
        {"parseDate", R"(["2026-03-01 12:34:56"])", R"("2026-03-01T12:34:56Z")"},
        {"parseDate", R"(["2026-03-01T12:34"])", R"("2026-03-01T12:34:00Z")"},
        {"parseDate", R"(["2026-03-01"])", R"("2026-03-01T00:00:00Z")"},
        {"parseDate", R"(["2026-03-01T12:34:56+05:30"])", R"("2026-03-01T07:04:56Z")"},
        {"parseDate", R"(["2026-03-01T12:34:56-0800"])", R"("2026-03-01T20:34:56Z")"},
        {"parseDate", R"(["2026-03-01 12:34:56.5+00"])",
         "! parseDate: argument 1: `2026-03-01 12:34:56.5+00` is no time; write it as 2006-01-02T15:04:05Z"},
        {"parseDate", R"(["2016-12-31T23:59:60Z"])", R"("2017-01-01T00:00:00Z")"},
        {"parseDate", "[1772368496]", R"("2026-03-01T12:34:56Z")"},
        {"parseDate", R"(["1772368496"])", R"("2026-03-01T12:34:56Z")"},
        {"parseDate", "[1772368496.25]", R"("2026-03-01T12:34:56.25Z")"},
        {"parseDate", "[-1]", R"("1969-12-31T23:59:59Z")"},
        {"parseDate", "[-0.5]", R"("1969-12-31T23:59:59.5Z")"},
        {"parseDate", R"(["2026-02-29"])", "! parseDate: argument 1: February 2026 has no day 29"},
        {"parseDate", R"(["2026-02-00"])", "! parseDate: argument 1: February 2026 has no day 0"},
        {"parseDate", R"(["2026-13-01"])", "! parseDate: argument 1: the month 13 is not within 1 and 12"},
        {"parseDate", R"(["2026-01-01T24:00:00Z"])",
         "! parseDate: argument 1: the hour 24 is not within 0 and 23"},
        {"parseDate", R"(["2026-01-01T00:60:00Z"])",
         "! parseDate: argument 1: the minute 60 is not within 0 and 59"},
        {"parseDate", R"(["2026-01-01T00:00:61Z"])",
         "! parseDate: argument 1: the second 61 is not within 0 and 60"},
        {"parseDate", R"([""])", "! parseDate: argument 1: `` is no time; write it as 2006-01-02T15:04:05Z"},
        {"parseDate", R"(["2026-3-1"])",
         "! parseDate: argument 1: `2026-3-1` is no time; write it as 2006-01-02T15:04:05Z"},
        {"parseDate", R"(["2026-03-01T"])",
         "! parseDate: argument 1: `2026-03-01T` is no time; write it as 2006-01-02T15:04:05Z"},
        {"parseDate", R"(["2026-03-01T12:00:00Zx"])",
         "! parseDate: argument 1: `2026-03-01T12:00:00Zx` is no time; write it as 2006-01-02T15:04:05Z"},
        {"parseDate", R"(["0000-01-01T00:00:00+01:00"])",
         "! parseDate: argument 1: the time is outside of the years 0 to 9999"},
    };
    check_calls(kCases);
}

TEST_CASE("layouts of strftime and of Go write the same") {
    struct Case {
        std::string_view strftime;
        std::string_view go;
        std::string_view text;
    };
    constexpr Case kCases[] = {
        {"%Y-%m-%d", "2006-01-02", "2026-03-01"},
        {"%F", "DateOnly", "2026-03-01"},
        {"%T", "15:04:05", "12:34:56"},
        {"%R", "15:04", "12:34"},
        {"%F %T", "DateTime", "2026-03-01 12:34:56"},
        {"%FT%TZ", "RFC3339", "2026-03-01T12:34:56Z"},
        {"%d.%m.%y", "02.01.06", "01.03.26"},
        {"%-d/%-m", "2/1", "1/3"},
        {"%e", "_2", " 1"},
        {"%_d", "_2", " 1"},
        {"%j", "002", "060"},
        {"%a, %d %b %Y", "Mon, 02 Jan 2006", "Sun, 01 Mar 2026"},
        {"%A %B", "Monday January", "Sunday March"},
        {"%I:%M %p", "03:04 PM", "12:34 PM"},
        {"%-I%P", "3pm", "12pm"},
        {"%z", "-0700", "+0000"},
        {"%:z", "-07:00", "+00:00"},
        {"%Z", "MST", "UTC"},
        {"%S.%3f", "05.000", "56.789"},
        {"%S.%6N", "05.000000", "56.789000"},
        {"%S,%1f", "05,0", "56,7"},
        {"%S.789", "05.999999999", "56.789"},
        {"%D", "01/02/06", "03/01/26"},
        {"%s", "unix", "1772368496"},
        {"%a, %d %b %Y %T UTC", "RFC1123", "Sun, 01 Mar 2026 12:34:56 UTC"},
        {"%Y Month", "2006 Month", "2026 Month"},
        {"%Y Janet", "2006 Janet", "2026 Janet"},
    };
    auto moment = parse_moment("2026-03-01T12:34:56.789Z");
    REQUIRE(moment);
    for (const auto& one : kCases) {
        CAPTURE(one.strftime);
        CAPTURE(one.go);
        auto by_strftime = format_moment(*moment, one.strftime);
        auto by_go = format_moment(*moment, one.go);
        REQUIRE(by_strftime);
        REQUIRE(by_go);
        CHECK(*by_strftime == one.text);
        CHECK(*by_go == one.text);
    }
    CHECK(*format_moment(*moment, "100%% %u%n%t") == "100% 7\n\t");
    CHECK(*format_moment(*moment, "%w %h") == "0 Mar");
    CHECK(*format_moment(*moment, "%f") == "789000");
    CHECK(*format_moment(Moment{}, "05.999") == "00");
    CHECK(*format_moment(Moment{}, "%I %p") == "12 AM");
}

TEST_CASE("formatDate and its failures") {
    constexpr CallCase kCases[] = {
        {"formatDate", R"(["2026-03-01"])", R"("2026-03-01T00:00:00Z")"},
        {"formatDate", R"(["2026-03-01T23:00:00-02:00","%d.%m.%Y"])", R"("02.03.2026")"},
        {"formatDate", R"([0,"2006"])", R"("1970")"},
        {"formatDate", R"([0,"%Q"])",
         "! formatDate: `%Q` is no conversion of strftime (`%%` is a percent sign)"},
        {"formatDate", R"([0,"%Y%"])",
         "! formatDate: `%` is no conversion of strftime (`%%` is a percent sign)"},
        {"formatDate", R"([0,"%3d"])",
         "! formatDate: `%3d` is no conversion of strftime (`%%` is a percent sign)"},
        {"formatDate", R"([0,"%:m"])",
         "! formatDate: `%:` is no conversion of strftime (`%%` is a percent sign)"},
        {"formatDate", R"([0,"YYYY-MM-DD"])",
         "! formatDate: the layout `YYYY-MM-DD` has no part of a time: write `%Y-%m-%d`, `2006-01-02` or a "
         "name "
         "like `RFC3339`"},
        {"formatDate", R"([0,""])",
         "! formatDate: the layout `` has no part of a time: write `%Y-%m-%d`, `2006-01-02` or a name like "
         "`RFC3339`"},
        {"formatDate", R"([0,"%%"])",
         "! formatDate: the layout `%%` has no part of a time: write `%Y-%m-%d`, `2006-01-02` or a name like "
         "`RFC3339`"},
        {"formatDate", R"(["x","%Y"])",
         "! formatDate: argument 1: `x` is no time; write it as 2006-01-02T15:04:05Z"},
    };
    check_calls(kCases);
}

TEST_CASE("parsing by a layout") {
    constexpr CallCase kCases[] = {
        {"parseDate", R"(["01.03.2026","%d.%m.%Y"])", R"("2026-03-01T00:00:00Z")"},
        {"parseDate", R"(["1.3.2026","%d.%m.%Y"])", R"("2026-03-01T00:00:00Z")"},
        {"parseDate", R"(["20260301","%Y%m%d"])", R"("2026-03-01T00:00:00Z")"},
        {"parseDate", R"([20260301,"20060102"])", R"("2026-03-01T00:00:00Z")"},
        {"parseDate", R"(["Mar 1, 2026 at 3:04pm","Jan 2, 2006 at 3:04pm"])", R"("2026-03-01T15:04:00Z")"},
        {"parseDate", R"(["12 AM","%I %p"])", R"("1970-01-01T00:00:00Z")"},
        {"parseDate", R"(["12 pm","%I %p"])", R"("1970-01-01T12:00:00Z")"},
        {"parseDate", R"(["PM 1","%p %I"])", R"("1970-01-01T13:00:00Z")"},
        {"parseDate", R"(["Sunday, 1 March 2026","%A, %e %B %Y"])", R"("2026-03-01T00:00:00Z")"},
        {"parseDate", R"(["sun, 01 mar 2026","%a, %d %b %Y"])", R"("2026-03-01T00:00:00Z")"},
        {"parseDate", R"(["2026 60","%Y %j"])", R"("2026-03-01T00:00:00Z")"},
        {"parseDate", R"(["2026-03-01 12:00 +0530","2006-01-02 15:04 -0700"])", R"("2026-03-01T06:30:00Z")"},
        {"parseDate", R"(["2026-03-01T12:00:00-02:00","RFC3339"])", R"("2026-03-01T14:00:00Z")"},
        {"parseDate", R"(["Sun, 01 Mar 2026 12:34:56 GMT","RFC1123"])", R"("2026-03-01T12:34:56Z")"},
        {"parseDate", R"(["1772368496","%s"])", R"("2026-03-01T12:34:56Z")"},
        {"parseDate", R"(["-1.5","%s.%f"])", R"("1969-12-31T23:59:59.5Z")"},
        {"parseDate", R"(["26","%y"])", R"("2026-01-01T00:00:00Z")"},
        {"parseDate", R"(["69","%y"])", R"("1969-01-01T00:00:00Z")"},
        {"parseDate", R"(["10:00:00.25","%H:%M:%S.%f"])", R"("1970-01-01T10:00:00.25Z")"},
        {"parseDate", R"(["10:00:00.25","15:04:05.999"])", R"("1970-01-01T10:00:00.25Z")"},
        {"parseDate", R"(["10:00:00","15:04:05.999"])", R"("1970-01-01T10:00:00Z")"},
        {"parseDate", R"(["01.03.26x","%d.%m.%y"])",
         "! parseDate: `01.03.26x` has more than the layout `%d.%m.%y`: `x`"},
        {"parseDate", R"(["01-03","%d.%m"])",
         "! parseDate: `01-03` does not fit the layout `%d.%m` at `-03`"},
        {"parseDate", R"(["31.02.2026","%d.%m.%Y"])", "! parseDate: February 2026 has no day 31"},
        {"parseDate", R"(["13 pm","%I %p"])", "! parseDate: the hour 13 is not within 1 and 12"},
        {"parseDate", R"(["2026 366","%Y %j"])", "! parseDate: 2026 has no day 366"},
        {"parseDate", R"(["2026 0","%Y %j"])", "! parseDate: 2026 has no day 0"},
        {"parseDate", R"(["26-01-01","%Y-%m-%d"])",
         "! parseDate: `26-01-01` does not fit the layout `%Y-%m-%d` at `26-01-01`"},
        {"parseDate", R"(["","%d"])", "! parseDate: `` does not fit the layout `%d` at ``"},
        {"parseDate", R"(["999999999999","%s"])", "! parseDate: the time is outside of the years 0 to 9999"},
        {"parseDate", R"(["Mäz 1","%b %d"])",
         "! parseDate: `Mäz 1` does not fit the layout `%b %d` at `Mäz 1`"},
    };
    check_calls(kCases);
}

TEST_CASE("days of ten thousand years are what the C library says, and reads back") {
    constexpr std::string_view kLayout = "%Y-%m-%d %H:%M:%S %a %A %b %B %j %u %w %y %I %p %e";
    constexpr std::int64_t kFirst = -62'167'219'200;
    constexpr std::int64_t kStep = 86'400 * 97 + 3'601;
    for (auto seconds = kFirst; seconds < 253'402'300'800; seconds += kStep) {
        Moment moment{seconds, 0};
        std::time_t time = seconds;
        std::tm fields{};
        ::gmtime_r(&time, &fields);
        char expected[200];
        std::strftime(expected, sizeof expected, std::string(kLayout).c_str(), &fields);
        // The C library does not pad years.
        auto year = std::to_string(fields.tm_year + 1900);
        auto text = std::string(4 - year.size(), '0') + year + (expected + std::string(expected).find('-'));
        auto formatted = format_moment(moment, kLayout);
        REQUIRE(formatted);
        REQUIRE(*formatted == text);
        auto read = parse_moment(rfc3339(moment));
        REQUIRE(read);
        REQUIRE(*read == moment);
        auto by_layout = parse_moment(*format_moment(moment, "%j/%Y %I:%M:%S%p"), "%j/%Y %I:%M:%S%p");
        REQUIRE(by_layout);
        REQUIRE(*by_layout == moment);
    }
}

}  // namespace relux::data

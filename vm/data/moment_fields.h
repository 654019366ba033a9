// A moment taken apart into what calendars and clocks show, and put together again.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "vm/data/moment.h"

namespace relux::data {

struct Fields {
    int year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;  ///< 60 is a leap second: the next minute's first
    std::int64_t nanosecond = 0;
    int day_of_year = 1;
    int weekday = 4;  ///< 0 is Sunday
};

constexpr std::array<std::string_view, 12> kMonthNames{"January",   "February", "March",    "April",
                                                       "May",       "June",     "July",     "August",
                                                       "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kDayNames{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::size_t kShortName = 3;  ///< characters of a name's short form

Fields fields_of(const Moment& moment);
/// Makes a moment of year, month, day and the time of day; `offset_seconds` east of UTC. The error says what
/// is not within its range, or that there is no such day.
Result<Moment> moment_of(const Fields& fields, std::int64_t offset_seconds);
/// Month and day of a day of the year, in the fields' year; false when the year has no such day.
bool set_day_of_year(Fields& fields, int day_of_year);

/// Appends at least `width` digits, `padding` in front (`-`: none).
void append_padded(std::string& out, std::int64_t number, std::size_t width, char padding);
/// Appends ".25" for a quarter of a second, nothing for none; at most `digits` of them.
void append_fraction_of_second(std::string& out, std::int64_t nanoseconds, std::size_t digits, char point);

}  // namespace relux::data

// Layouts of times, read into parts that formatting and parsing share.
//
//   strftime  %Y %y %m %b %h %B %d %e %H %I %M %S %f %N %p %P %j %a %A %u %w %z %:z %Z %s %D %F %R %T %n %t
//   %%
//             `-` or `_` after the percent sign: no padding, blanks; %3f or %N with a digit: that many digits
//   Go        2006 06 01 1 Jan January 02 2 _2 002 15 03 3 04 4 05 5 PM pm Mon Monday MST -0700 -07:00 Z07:00
//             .000 .999 (any number of digits, after `.` or `,`)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"

namespace relux::data {

enum class Field : std::uint8_t {
    Literal,
    Year,
    ShortYear,
    Month,
    MonthName,
    ShortMonthName,
    Day,
    DayOfYear,
    Hour,
    HalfDayHour,
    Minute,
    Second,
    Fraction,          ///< the digits alone
    OptionalFraction,  ///< with its point, nothing when it is zero
    HalfDay,
    SmallHalfDay,
    DayName,
    ShortDayName,
    DayNumber,      ///< 1 is Monday, 7 Sunday
    DayFromSunday,  ///< 0 is Sunday
    Offset,
    ColonOffset,
    ZuluOffset,  ///< `Z`, or with a colon
    Zone,
    UnixSeconds,
};

struct LayoutPart {
    Field field = Field::Literal;
    char padding = '0';     ///< `0`, a blank, or `-` for none
    std::size_t width = 0;  ///< digits of a number
    std::string text;       ///< of a literal
};

using Layout = std::vector<LayoutPart>;

/// The error names what is no conversion, or says that there is none in the layout.
Result<Layout> read_layout(std::string_view text);

}  // namespace relux::data

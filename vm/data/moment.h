// Points in time, in UTC, from the year 0 to 9999: as RFC 3339, by the layout of a user, and back.
// Names of months and days are English; neither the locale nor the time zone of the machine matters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vm/base/result.h"
#include "vm/data/number.h"

namespace relux::data {

struct Moment {
    std::int64_t seconds = 0;      ///< since the beginning of 1970
    std::int64_t nanoseconds = 0;  ///< of the second, 0 to 999,999,999

    /// Nothing when it is outside of the years 0 to 9999.
    static std::optional<Moment> from_seconds(const Number& seconds);
    static std::optional<Moment> from_nanoseconds(Wide nanoseconds);
    Wide total_nanoseconds() const;
    friend bool operator==(const Moment&, const Moment&) = default;
};

/// "2026-11-21T07:20:50Z", with a fraction when there is one.
std::string rfc3339(const Moment& moment);

/// RFC 3339; also a blank in place of the T, without a zone (UTC), without seconds, or the date alone
/// (midnight).
Result<Moment> parse_moment(std::string_view text);

/// `layout` is what strftime takes when there is a `%` in it (moment_layout.h lists the conversions), else
/// Go's reference time (`2006-01-02 15:04:05`), or one of `RFC3339`, `RFC3339Nano`, `RFC1123`, `RFC1123Z`,
/// `DateTime`, `DateOnly`, `TimeOnly`, `unix`. A layout in which nothing stands for a part of the time is an
/// error.
Result<std::string> format_moment(const Moment& moment, std::string_view layout);
/// All of `text` must fit. What the layout has not is that of 1970-01-01T00:00:00Z.
Result<Moment> parse_moment(std::string_view text, std::string_view layout);

}  // namespace relux::data

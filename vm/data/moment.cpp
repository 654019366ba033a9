#include "vm/data/moment.h"

#include <chrono>
#include <cmath>

#include "vm/data/moment_fields.h"

namespace relux::data {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kFirstSecond = -62'167'219'200;  ///< 0000-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   ///< 9999-12-31T23:59:59Z

using std::chrono::sys_days;
using std::chrono::year_month_day;

std::int64_t floor_divide(std::int64_t number, std::int64_t divisor) {
    return number / divisor - (number % divisor < 0 ? 1 : 0);
}

sys_days first_day_of(int year) {
    return sys_days(std::chrono::year(year) / 1 / 1);
}

Error not_within(std::string_view what, int number, int last) {
    return Error{"the " + std::string(what) + " " + std::to_string(number) + " is not within " +
                 (what == "month" ? "1" : "0") + " and " + std::to_string(last)};
}

}  // namespace

std::optional<Moment> Moment::from_nanoseconds(Wide nanoseconds) {
    auto rest = nanoseconds % kNanosecondsPerSecond;
    if (rest < 0) rest += kNanosecondsPerSecond;
    auto seconds = (nanoseconds - rest) / kNanosecondsPerSecond;
    if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
    return Moment{static_cast<std::int64_t>(seconds), static_cast<std::int64_t>(rest)};
}

std::optional<Moment> Moment::from_seconds(const Number& seconds) {
    auto rough = as_double(seconds);
    // Far outside, where the product below could overflow.
    if (std::abs(rough) > 1e12) return std::nullopt;
    if (const auto* whole = std::get_if<Wide>(&seconds))
        return from_nanoseconds(*whole * kNanosecondsPerSecond);
    // Seconds apart from their fraction: their product with a billion has more digits than a double.
    auto whole_seconds = std::floor(rough);
    auto nanoseconds = std::llround((rough - whole_seconds) * kNanosecondsPerSecond);
    return from_nanoseconds(static_cast<Wide>(whole_seconds) * kNanosecondsPerSecond + nanoseconds);
}

Wide Moment::total_nanoseconds() const {
    return static_cast<Wide>(seconds) * kNanosecondsPerSecond + nanoseconds;
}

Fields fields_of(const Moment& moment) {
    auto days = floor_divide(moment.seconds, kSecondsPerDay);
    auto of_day = static_cast<int>(moment.seconds - days * kSecondsPerDay);
    sys_days day{std::chrono::days(days)};
    year_month_day date(day);
    Fields fields;
    fields.year = static_cast<int>(date.year());
    fields.month = static_cast<int>(static_cast<unsigned>(date.month()));
    fields.day = static_cast<int>(static_cast<unsigned>(date.day()));
    fields.hour = of_day / 3600;
    fields.minute = of_day / 60 % 60;
    fields.second = of_day % 60;
    fields.nanosecond = moment.nanoseconds;
    fields.day_of_year = static_cast<int>((day - first_day_of(fields.year)).count()) + 1;
    fields.weekday = static_cast<int>(std::chrono::weekday(day).c_encoding());
    return fields;
}

Result<Moment> moment_of(const Fields& fields, std::int64_t offset_seconds) {
    if (fields.month < 1 || fields.month > 12) return not_within("month", fields.month, 12);
    if (fields.hour > 23) return not_within("hour", fields.hour, 23);
    if (fields.minute > 59) return not_within("minute", fields.minute, 59);
    if (fields.second > 60) return not_within("second", fields.second, 60);
    year_month_day date(std::chrono::year(fields.year),
                        std::chrono::month(static_cast<unsigned>(fields.month)),
                        std::chrono::day(static_cast<unsigned>(fields.day)));
    if (!date.ok()) {
        return Error{std::string(kMonthNames[static_cast<std::size_t>(fields.month - 1)]) + " " +
                     std::to_string(fields.year) + " has no day " + std::to_string(fields.day)};
    }
    auto days = static_cast<std::int64_t>(sys_days(date).time_since_epoch().count());
    auto of_day = fields.hour * 3600 + fields.minute * 60 + fields.second;
    auto seconds = days * kSecondsPerDay + of_day - offset_seconds;
    auto moment = Moment::from_nanoseconds(Moment{seconds, fields.nanosecond}.total_nanoseconds());
    if (!moment) return Error{"the time is outside of the years 0 to 9999"};
    return *moment;
}

bool set_day_of_year(Fields& fields, int day_of_year) {
    if (day_of_year < 1) return false;
    year_month_day date(first_day_of(fields.year) + std::chrono::days(day_of_year - 1));
    if (static_cast<int>(date.year()) != fields.year) return false;
    fields.month = static_cast<int>(static_cast<unsigned>(date.month()));
    fields.day = static_cast<int>(static_cast<unsigned>(date.day()));
    return true;
}

std::string rfc3339(const Moment& moment) {
    auto fields = fields_of(moment);
    std::string text;
    append_padded(text, fields.year, 4, '0');
    append_padded(text += '-', fields.month, 2, '0');
    append_padded(text += '-', fields.day, 2, '0');
    append_padded(text += 'T', fields.hour, 2, '0');
    append_padded(text += ':', fields.minute, 2, '0');
    append_padded(text += ':', fields.second, 2, '0');
    append_fraction_of_second(text, fields.nanosecond, 9, '.');
    return text + "Z";
}

}  // namespace relux::data

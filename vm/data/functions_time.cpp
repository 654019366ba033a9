// Functions on times. All in UTC.
#include <array>
#include <cmath>

#include "vm/data/call.h"

namespace relux::data {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

struct Unit {
    std::string_view name;
    std::int64_t seconds;
};

constexpr std::array kUnits{
    Unit{"seconds", 1},
    Unit{"minutes", 60},
    Unit{"hours", 3600},
    Unit{"days", 86'400},
};

Moment current_moment(Call& call) {
    auto moment = Moment::from_nanoseconds(Wide(call.context().wall_clock_nanoseconds()));
    RELUX_ASSERT(moment.has_value(), "the clock is outside of the years 0 to 9999");
    return *moment;
}

Result<Json> formatted(const Call& call, const Moment& moment, std::string_view layout) {
    auto text = format_moment(moment, layout);
    if (!text) return call.failure(text.error().message);
    return Json(std::move(*text));
}

/// `count` times `seconds` later.
Result<Json> later(Call& call, std::int64_t seconds) {
    auto moment = call.time(0);
    auto count = call.number(1);
    auto unit = Wide(seconds) * kNanosecondsPerSecond;
    auto error = call.failure("the result is outside of the years 0 to 9999");
    // Past this the products could overflow; the years 0 to 9999 have 5.3 billion minutes.
    if (std::abs(as_double(count)) > 1e12) return error;
    const auto* whole = std::get_if<Wide>(&count);
    auto difference = whole != nullptr
                          ? *whole * unit
                          : static_cast<Wide>(std::round(as_double(count) * static_cast<double>(unit)));
    auto result = Moment::from_nanoseconds(moment.total_nanoseconds() + difference);
    if (!result) return error;
    return Json(rfc3339(*result));
}

}  // namespace

Result<Json> function_now(Call& call) {
    auto moment = current_moment(call);
    if (call.count() > 0) return formatted(call, moment, call.text(0));
    moment.nanoseconds = 0;
    return Json(rfc3339(moment));
}

Result<Json> function_now_unix(Call& call) {
    return Json(current_moment(call).seconds);
}

Result<Json> function_add_minutes(Call& call) {
    return later(call, 60);
}

Result<Json> function_add_hours(Call& call) {
    return later(call, 3600);
}

Result<Json> function_add_days(Call& call) {
    return later(call, 86'400);
}

Result<Json> function_format_date(Call& call) {
    auto moment = call.time(0);
    if (call.count() < 2) return Json(rfc3339(moment));
    return formatted(call, moment, call.text(1));
}

Result<Json> function_parse_date(Call& call) {
    if (call.count() < 2) return Json(rfc3339(call.time(0)));
    auto moment = parse_moment(call.text(0), call.text(1));
    if (!moment) return call.failure(moment.error().message);
    return Json(rfc3339(*moment));
}

Result<Json> function_date_sub(Call& call) {
    auto difference = call.time(0).total_nanoseconds() - call.time(1).total_nanoseconds();
    auto name = call.count() > 2 ? call.text(2) : kUnits[0].name;
    for (const auto& unit : kUnits) {
        if (unit.name != name) continue;
        auto nanoseconds = Wide(unit.seconds) * kNanosecondsPerSecond;
        if (difference % nanoseconds == 0) return to_json(difference / nanoseconds);
        return Json(static_cast<double>(difference) / static_cast<double>(nanoseconds));
    }
    call.refuse(2, "seconds, minutes, hours or days");
    return Json();
}

}  // namespace relux::data

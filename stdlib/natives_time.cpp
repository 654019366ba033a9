// timestamp: strftime in UTC, conversion by conversion, with fractions of a second that strftime has not.
#include <ctime>
#include <string>

#include "stdlib/natives_pure.h"

namespace relux::exec {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
/// Longest conversion that is passed on: flags, a width of three digits, a modifier and the letter fit.
constexpr std::size_t kMaximumConversion = 8;

struct Moment {
    std::tm fields{};
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;  ///< of the second, 0 to 999,999,999
};

Moment moment_of(std::int64_t nanoseconds) {
    Moment moment;
    moment.seconds = nanoseconds / kNanosecondsPerSecond;
    moment.nanoseconds = nanoseconds % kNanosecondsPerSecond;
    if (moment.nanoseconds < 0) {
        moment.nanoseconds += kNanosecondsPerSecond;
        --moment.seconds;
    }
    std::time_t seconds = moment.seconds;
    ::gmtime_r(&seconds, &moment.fields);
    moment.fields.tm_zone = "UTC";
    return moment;
}

/// The conversion at the start of `format`, which starts with `%`: flags, width, modifier, letter. Just what
/// is there when the format ends within it.
std::string_view conversion_at(std::string_view format) {
    std::size_t end = 1;
    auto skip = [&](std::string_view set) {
        while (end < format.size() && set.find(format[end]) != std::string_view::npos)
            ++end;
    };
    skip("_-^#");
    skip("0123456789<>");
    skip("EO");
    return format.substr(0, end + 1);
}

/// `%3f` or `%<3>f`: the digits between; false for anything else before the `f`.
bool fraction_digits(std::string_view conversion, std::size_t& digits) {
    auto between = conversion.substr(1, conversion.size() - 2);
    if (between.size() >= 2 && between.front() == '<' && between.back() == '>') {
        between = between.substr(1, between.size() - 2);
    }
    if (between.empty()) {
        digits = 6;
        return true;
    }
    return parse_number(between, 100, digits) && digits >= 1 && digits <= 9;
}

std::string fraction(std::int64_t nanoseconds, std::size_t digits) {
    auto text = std::to_string(nanoseconds);
    text.insert(0, 9 - text.size(), '0');
    return text.substr(0, digits);
}

/// Appends what one conversion stands for. False when it makes no sense.
bool append_conversion(std::string& out, std::string_view conversion, const Moment& moment) {
    char letter = conversion.back();
    if (letter == 'f') {
        std::size_t digits = 0;
        if (!fraction_digits(conversion, digits)) return false;
        out += fraction(moment.nanoseconds, digits);
        return true;
    }
    if (conversion == "%s") {
        // strftime would read the fields as local time.
        out += std::to_string(moment.seconds);
        return true;
    }
    if (conversion.size() < 2 || conversion.size() > kMaximumConversion) return false;
    if (conversion.find_first_of("<>") != std::string_view::npos) return false;
    char buffer[1200];
    // The sentinel tells an empty result from one that does not fit.
    auto size = ::strftime(buffer, sizeof buffer, (std::string(conversion) + ".").c_str(), &moment.fields);
    if (size == 0) return false;
    out.append(buffer, size - 1);
    return true;
}

}  // namespace

NativeResult native_timestamp(NativeCall& call) {
    auto format = call.arguments[0].view();
    auto moment = moment_of(call.host.wall_clock_nanoseconds());
    std::string text;
    while (!format.empty()) {
        auto percent = format.find('%');
        text.append(format.substr(0, percent));
        if (percent == std::string_view::npos) break;
        format.remove_prefix(percent);
        auto conversion = conversion_at(format);
        if (!append_conversion(text, conversion, moment)) {
            return Error{
                "timestamp: `" + std::string(conversion) +
                "` is not a conversion; use strftime's, %1f to %9f for fractions, %% for a percent sign"};
        }
        format.remove_prefix(conversion.size());
        // `%999Y` is five bytes that become a thousand.
        if (text.size() > Value::kMaximumSize) return Error{"timestamp: the result is longer than 256 MiB"};
    }
    return Value(text);
}

}  // namespace relux::exec

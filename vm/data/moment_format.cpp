// Writing times by layouts.
#include "vm/data/moment_fields.h"
#include "vm/data/moment_layout.h"

namespace relux::data {

namespace {

constexpr std::size_t kNanosecondDigits = 9;

std::string nanosecond_digits(std::int64_t nanoseconds, std::size_t digits) {
    std::string text;
    append_padded(text, nanoseconds, kNanosecondDigits, '0');
    return text.substr(0, digits);
}

/// The number that a field shows, for those that show one.
std::int64_t number_in(Field field, const Fields& fields) {
    auto half_day_hour = fields.hour % 12 == 0 ? 12 : fields.hour % 12;
    switch (field) {
        case Field::Year:
            return fields.year;
        case Field::ShortYear:
            return fields.year % 100;
        case Field::Month:
            return fields.month;
        case Field::Day:
            return fields.day;
        case Field::DayOfYear:
            return fields.day_of_year;
        case Field::Hour:
            return fields.hour;
        case Field::HalfDayHour:
            return half_day_hour;
        case Field::Minute:
            return fields.minute;
        case Field::Second:
            return fields.second;
        case Field::DayNumber:
            return fields.weekday == 0 ? 7 : fields.weekday;
        case Field::DayFromSunday:
        case Field::Literal:
        case Field::MonthName:
        case Field::ShortMonthName:
        case Field::Fraction:
        case Field::OptionalFraction:
        case Field::HalfDay:
        case Field::SmallHalfDay:
        case Field::DayName:
        case Field::ShortDayName:
        case Field::Offset:
        case Field::ColonOffset:
        case Field::ZuluOffset:
        case Field::Zone:
        case Field::UnixSeconds:
            break;
    }
    return fields.weekday;
}

/// Appends what a field shows in words; false for fields that show a number.
bool append_words(std::string& out, const LayoutPart& part, const Fields& fields) {
    auto month = kMonthNames[static_cast<std::size_t>(fields.month - 1)];
    auto day = kDayNames[static_cast<std::size_t>(fields.weekday)];
    switch (part.field) {
        case Field::Literal:
            out += part.text;
            return true;
        case Field::MonthName:
            out += month;
            return true;
        case Field::ShortMonthName:
            out += month.substr(0, kShortName);
            return true;
        case Field::DayName:
            out += day;
            return true;
        case Field::ShortDayName:
            out += day.substr(0, kShortName);
            return true;
        case Field::HalfDay:
            out += fields.hour < 12 ? "AM" : "PM";
            return true;
        case Field::SmallHalfDay:
            out += fields.hour < 12 ? "am" : "pm";
            return true;
        case Field::Offset:
            out += "+0000";
            return true;
        case Field::ColonOffset:
            out += "+00:00";
            return true;
        case Field::ZuluOffset:
            out += 'Z';
            return true;
        case Field::Zone:
            out += "UTC";
            return true;
        case Field::Fraction:
            out += nanosecond_digits(fields.nanosecond, part.width);
            return true;
        case Field::OptionalFraction:
            append_fraction_of_second(out, fields.nanosecond, part.width, part.text[0]);
            return true;
        case Field::Year:
        case Field::ShortYear:
        case Field::Month:
        case Field::Day:
        case Field::DayOfYear:
        case Field::Hour:
        case Field::HalfDayHour:
        case Field::Minute:
        case Field::Second:
        case Field::DayNumber:
        case Field::DayFromSunday:
        case Field::UnixSeconds:
            break;
    }
    return false;
}

}  // namespace

void append_padded(std::string& out, std::int64_t number, std::size_t width, char padding) {
    auto digits = std::to_string(number);
    if (padding != '-' && digits.size() < width) out.append(width - digits.size(), padding);
    out += digits;
}

void append_fraction_of_second(std::string& out, std::int64_t nanoseconds, std::size_t digits, char point) {
    auto text = nanosecond_digits(nanoseconds, digits);
    text.erase(text.find_last_not_of('0') + 1);
    if (!text.empty()) out.append(1, point).append(text);
}

Result<std::string> format_moment(const Moment& moment, std::string_view layout) {
    auto parts = read_layout(layout);
    if (!parts) return parts.error();
    auto fields = fields_of(moment);
    std::string text;
    for (const auto& part : *parts) {
        if (part.field == Field::UnixSeconds) {
            text += std::to_string(moment.seconds);
        } else if (!append_words(text, part, fields)) {
            append_padded(text, number_in(part.field, fields), part.width, part.padding);
        }
    }
    return text;
}

}  // namespace relux::data

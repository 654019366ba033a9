// Reading times: RFC 3339 with what people leave out of it, and by layouts.
#include <algorithm>
#include <optional>
#include <span>

#include "vm/base/text.h"
#include "vm/data/moment_fields.h"
#include "vm/data/moment_layout.h"

namespace relux::data {

namespace {

constexpr std::size_t kNanosecondDigits = 9;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](char a, char b) { return small(a) == small(b); });
}

/// Takes parts of a time off the front of a text.
class TextReader {
  public:
    explicit TextReader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }

    bool take(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    bool take_ignoring_case(std::string_view expected) {
        if (!equal_ignoring_case(rest_.substr(0, expected.size()), expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    std::string_view take_digits(std::size_t most) {
        std::size_t size = 0;
        while (size < std::min(most, rest_.size()) && is_digit(rest_[size]))
            ++size;
        auto digits = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return digits;
    }
    std::optional<std::int64_t> take_number(std::size_t least_digits, std::size_t most_digits) {
        auto digits = take_digits(most_digits);
        if (digits.empty() || digits.size() < least_digits) return std::nullopt;
        std::int64_t number = 0;
        for (char digit : digits)
            number = number * 10 + (digit - '0');
        return number;
    }
    /// One to nine digits, or more of which the rest is dropped, as nanoseconds.
    std::optional<std::int64_t> take_nanoseconds() {
        auto number = std::string(take_digits(kNanosecondDigits));
        if (number.empty()) return std::nullopt;
        take_digits(rest_.size());
        number.append(kNanosecondDigits - number.size(), '0');
        return std::stoll(number);
    }
    /// Which of `names`, written whole or as its short form.
    std::optional<int> take_name(std::span<const std::string_view> names) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (!take_ignoring_case(names[i].substr(0, kShortName))) continue;
            take_ignoring_case(names[i].substr(kShortName));
            return static_cast<int>(i);
        }
        return std::nullopt;
    }
    /// `Z`, `+02:00`, `+0200`: seconds east of UTC.
    std::optional<std::int64_t> take_offset() {
        if (take_ignoring_case("Z")) return 0;
        bool west = take("-");
        if (!west && !take("+")) return std::nullopt;
        auto hours = take_number(2, 2);
        take(":");
        auto minutes = take_number(2, 2);
        if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
        auto seconds = *hours * 3600 + *minutes * 60;
        return west ? -seconds : seconds;
    }

  private:
    std::string_view rest_;
};

Error not_a_time(std::string_view text) {
    constexpr std::size_t kLongest = 60;
    auto start = visible(text.substr(0, kLongest), false);
    return Error{"`" + start + (text.size() > kLongest ? "..." : "") +
                 "` is no time; write it as 2006-01-02T15:04:05Z"};
}

bool take_part(TextReader& reader, int& field, std::size_t digits) {
    auto number = reader.take_number(digits, digits);
    if (number) field = static_cast<int>(*number);
    return number.has_value();
}

bool take_date(TextReader& reader, Fields& fields) {
    return take_part(reader, fields.year, 4) && reader.take("-") && take_part(reader, fields.month, 2) &&
           reader.take("-") && take_part(reader, fields.day, 2);
}

bool take_time_of_day(TextReader& reader, Fields& fields) {
    bool good = take_part(reader, fields.hour, 2) && reader.take(":") && take_part(reader, fields.minute, 2);
    if (!good || !reader.take(":")) return good;
    if (!take_part(reader, fields.second, 2)) return false;
    if (!reader.take(".") && !reader.take(",")) return true;
    auto nanoseconds = reader.take_nanoseconds();
    fields.nanosecond = nanoseconds.value_or(0);
    return nanoseconds.has_value();
}

/// Reads what a text says by a layout, part by part; what several parts say together is settled at the end.
class LayoutParser {
  public:
    explicit LayoutParser(std::string_view text) : reader_(text) {}

    bool take(const LayoutPart& part) {
        switch (part.field) {
            case Field::Literal:
                return reader_.take(part.text);
            case Field::Year:
                return take_number(part, fields_.year);
            case Field::ShortYear:
                if (!take_number(part, fields_.year)) return false;
                // As POSIX has it: 69 to 99 are of the last century.
                fields_.year += fields_.year < 69 ? 2000 : 1900;
                return true;
            case Field::Month:
                return take_number(part, fields_.month);
            case Field::MonthName:
            case Field::ShortMonthName: {
                auto month = reader_.take_name(kMonthNames);
                fields_.month = month.value_or(0) + 1;
                return month.has_value();
            }
            case Field::Day:
                return take_number(part, fields_.day);
            case Field::DayOfYear:
                return take_number(part, day_of_year_.emplace());
            case Field::Hour:
                return take_number(part, fields_.hour);
            case Field::HalfDayHour:
                return take_number(part, half_day_hour_.emplace());
            case Field::Minute:
                return take_number(part, fields_.minute);
            case Field::Second:
                return take_number(part, fields_.second);
            case Field::DayName:
            case Field::ShortDayName:
                return reader_.take_name(kDayNames).has_value();
            case Field::DayNumber:
            case Field::DayFromSunday:
                return reader_.take_number(1, 1).has_value();
            case Field::HalfDay:
            case Field::SmallHalfDay:
                afternoon_ = reader_.take_ignoring_case("PM");
                return afternoon_ || reader_.take_ignoring_case("AM");
            case Field::Offset:
            case Field::ColonOffset:
            case Field::ZuluOffset:
                return set(offset_, reader_.take_offset());
            case Field::Zone:
                return reader_.take("UTC") || reader_.take("GMT") || reader_.take("Z");
            case Field::Fraction:
                return set(fields_.nanosecond, reader_.take_nanoseconds());
            case Field::OptionalFraction:
                return !reader_.take(part.text) || set(fields_.nanosecond, reader_.take_nanoseconds());
            case Field::UnixSeconds:
                return take_unix_seconds();
        }
        return false;
    }

    std::string_view rest() const { return reader_.rest(); }

    Result<Moment> moment() {
        if (half_day_hour_) {
            if (*half_day_hour_ < 1 || *half_day_hour_ > 12) {
                return Error{"the hour " + std::to_string(*half_day_hour_) + " is not within 1 and 12"};
            }
            fields_.hour = *half_day_hour_ % 12 + (afternoon_ ? 12 : 0);
        }
        if (day_of_year_ && !set_day_of_year(fields_, *day_of_year_)) {
            return Error{std::to_string(fields_.year) + " has no day " + std::to_string(*day_of_year_)};
        }
        if (!unix_seconds_) return moment_of(fields_, offset_);
        auto moment = Moment::from_seconds(Wide(*unix_seconds_));
        if (!moment) return Error{"the time is outside of the years 0 to 9999"};
        moment->nanoseconds = fields_.nanosecond;
        return *moment;
    }

  private:
    template <class T>
    static bool set(T& field, std::optional<std::int64_t> value) {
        if (value) field = *value;
        return value.has_value();
    }
    /// A year has all of its digits, other numbers may be written without zeros or with blanks in front.
    bool take_number(const LayoutPart& part, int& field) {
        if (part.padding == ' ') {
            while (reader_.take(" ")) {
            }
        }
        auto least = part.field == Field::Year ? part.width : 1;
        auto number = reader_.take_number(least, part.width);
        if (number) field = static_cast<int>(*number);
        return number.has_value();
    }
    bool take_unix_seconds() {
        constexpr std::size_t kMostDigits = 12;  // past the year 9999
        bool negative = reader_.take("-");
        auto number = reader_.take_number(1, kMostDigits);
        if (number) unix_seconds_ = negative ? -*number : *number;
        return number.has_value();
    }

    TextReader reader_;
    Fields fields_;
    std::optional<int> day_of_year_;
    std::optional<int> half_day_hour_;
    bool afternoon_ = false;
    std::int64_t offset_ = 0;
    std::optional<std::int64_t> unix_seconds_;
};

}  // namespace

Result<Moment> parse_moment(std::string_view text) {
    TextReader reader(text);
    Fields fields;
    std::int64_t offset = 0;
    if (!take_date(reader, fields)) return not_a_time(text);
    if (!reader.at_end()) {
        bool separated = reader.take_ignoring_case("T") || reader.take(" ");
        if (!separated || !take_time_of_day(reader, fields)) return not_a_time(text);
    }
    if (!reader.at_end()) {
        auto zone = reader.take_offset();
        if (!zone || !reader.at_end()) return not_a_time(text);
        offset = *zone;
    }
    return moment_of(fields, offset);
}

Result<Moment> parse_moment(std::string_view text, std::string_view layout) {
    auto parts = read_layout(layout);
    if (!parts) return parts.error();
    LayoutParser parser(text);
    for (const auto& part : *parts) {
        auto rest = parser.rest();
        if (parser.take(part)) continue;
        return Error{"`" + visible(text, false) + "` does not fit the layout `" + visible(layout, false) +
                     "` at `" + visible(rest, false) + "`"};
    }
    if (!parser.rest().empty()) {
        return Error{"`" + visible(text, false) + "` has more than the layout `" + visible(layout, false) +
                     "`: `" + visible(parser.rest(), false) + "`"};
    }
    return parser.moment();
}

}  // namespace relux::data

// The calendar is the standard library's; layouts are our own. Howard Hinnant's date, which was weighed for
// them, knows strftime's alone, asks the locale, and does not say where a text fails to fit a layout.
#include "vm/data/moment_layout.h"

#include <algorithm>
#include <array>

#include "vm/base/text.h"

namespace relux::data {

namespace {

struct Conversion {
    char letter;  ///< strftime's
    Field field;
    std::size_t width;
};

constexpr std::array kConversions{
    Conversion{'Y', Field::Year, 4},
    Conversion{'y', Field::ShortYear, 2},
    Conversion{'m', Field::Month, 2},
    Conversion{'b', Field::ShortMonthName, 0},
    Conversion{'h', Field::ShortMonthName, 0},
    Conversion{'B', Field::MonthName, 0},
    Conversion{'d', Field::Day, 2},
    Conversion{'e', Field::Day, 2},
    Conversion{'H', Field::Hour, 2},
    Conversion{'I', Field::HalfDayHour, 2},
    Conversion{'M', Field::Minute, 2},
    Conversion{'S', Field::Second, 2},
    Conversion{'f', Field::Fraction, 6},
    Conversion{'N', Field::Fraction, 9},
    Conversion{'p', Field::HalfDay, 0},
    Conversion{'P', Field::SmallHalfDay, 0},
    Conversion{'j', Field::DayOfYear, 3},
    Conversion{'a', Field::ShortDayName, 0},
    Conversion{'A', Field::DayName, 0},
    Conversion{'u', Field::DayNumber, 1},
    Conversion{'w', Field::DayFromSunday, 1},
    Conversion{'z', Field::Offset, 0},
    Conversion{'Z', Field::Zone, 0},
    Conversion{'s', Field::UnixSeconds, 0},
};

/// Conversions that stand for others.
struct Composite {
    char letter;
    std::string_view layout;
};

constexpr std::array kComposites{
    Composite{'D', "%m/%d/%y"},
    Composite{'F', "%Y-%m-%d"},
    Composite{'R', "%H:%M"},
    Composite{'T', "%H:%M:%S"},
};

/// Parts of Go's reference time; where one starts like another the longer one comes first.
struct GoToken {
    std::string_view text;
    Field field;
    std::size_t width;
    char padding;
};

constexpr std::array kGoTokens{
    GoToken{"2006", Field::Year, 4, '0'},
    GoToken{"January", Field::MonthName, 0, '0'},
    GoToken{"Jan", Field::ShortMonthName, 0, '0'},
    GoToken{"Monday", Field::DayName, 0, '0'},
    GoToken{"Mon", Field::ShortDayName, 0, '0'},
    GoToken{"MST", Field::Zone, 0, '0'},
    GoToken{"002", Field::DayOfYear, 3, '0'},
    GoToken{"01", Field::Month, 2, '0'},
    GoToken{"02", Field::Day, 2, '0'},
    GoToken{"03", Field::HalfDayHour, 2, '0'},
    GoToken{"04", Field::Minute, 2, '0'},
    GoToken{"05", Field::Second, 2, '0'},
    GoToken{"06", Field::ShortYear, 2, '0'},
    GoToken{"15", Field::Hour, 2, '0'},
    GoToken{"_2006", Field::Year, 4, '_'},
    GoToken{"_2", Field::Day, 2, ' '},
    GoToken{"Z07:00", Field::ZuluOffset, 0, '0'},
    GoToken{"-07:00", Field::ColonOffset, 0, '0'},
    GoToken{"-0700", Field::Offset, 0, '0'},
    GoToken{"PM", Field::HalfDay, 0, '0'},
    GoToken{"pm", Field::SmallHalfDay, 0, '0'},
    GoToken{"1", Field::Month, 2, '-'},
    GoToken{"2", Field::Day, 2, '-'},
    GoToken{"3", Field::HalfDayHour, 2, '-'},
    GoToken{"4", Field::Minute, 2, '-'},
    GoToken{"5", Field::Second, 2, '-'},
};

struct NamedLayout {
    std::string_view name;
    std::string_view layout;
};

constexpr std::array kNamedLayouts{
    NamedLayout{"RFC3339", "2006-01-02T15:04:05Z07:00"},
    NamedLayout{"RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"},
    NamedLayout{"RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"},
    NamedLayout{"RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"},
    NamedLayout{"DateTime", "2006-01-02 15:04:05"},
    NamedLayout{"DateOnly", "2006-01-02"},
    NamedLayout{"TimeOnly", "15:04:05"},
    NamedLayout{"unix", "%s"},
};

template <class Table, class Key>
auto find_row(const Table& table, Key matches) -> const typename Table::value_type* {
    for (const auto& row : table) {
        if (matches(row)) return &row;
    }
    return nullptr;
}

void append_literal(Layout& layout, std::string_view text) {
    if (text.empty()) return;
    if (layout.empty() || layout.back().field != Field::Literal) layout.emplace_back();
    layout.back().text += text;
}

/// One conversion of strftime, taken from the front of `text`, which starts after the percent sign.
class ConversionReader {
  public:
    ConversionReader(std::string_view& text, Layout& layout) : text_(text), layout_(layout) {}

    bool read() {
        LayoutPart part;
        bool has_padding = take_padding(part);
        if (take(':')) return take('z') && append(part, Field::ColonOffset);
        auto digits = take_digit();
        if (text_.empty()) return false;
        char letter = text_.front();
        text_.remove_prefix(1);
        if (letter == '%' || letter == 'n' || letter == 't') {
            append_literal(layout_, letter == '%' ? "%" : letter == 'n' ? "\n" : "\t");
            return true;
        }
        if (const auto* composite = find_row(kComposites, [&](auto& row) { return row.letter == letter; })) {
            return append_composite(composite->layout);
        }
        const auto* conversion = find_row(kConversions, [&](auto& row) { return row.letter == letter; });
        if (conversion == nullptr) return false;
        part.width = conversion->width;
        if (letter == 'e' && !has_padding) part.padding = ' ';
        if (digits != 0) {
            if (conversion->field != Field::Fraction) return false;
            part.width = digits;
        }
        return append(part, conversion->field);
    }

  private:
    bool take(char expected) {
        if (text_.empty() || text_.front() != expected) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool take_padding(LayoutPart& part) {
        if (take('-')) {
            part.padding = '-';
        } else if (take('_')) {
            part.padding = ' ';
        } else {
            return take('0');
        }
        return true;
    }
    std::size_t take_digit() {
        if (text_.empty() || text_.front() < '1' || text_.front() > '9') return 0;
        auto digit = static_cast<std::size_t>(text_.front() - '0');
        text_.remove_prefix(1);
        return digit;
    }
    bool append(LayoutPart& part, Field field) {
        part.field = field;
        layout_.push_back(part);
        return true;
    }
    bool append_composite(std::string_view layout) {
        while (!layout.empty()) {
            if (layout.front() == '%') {
                layout.remove_prefix(1);
                ConversionReader(layout, layout_).read();
            } else {
                append_literal(layout_, layout.substr(0, 1));
                layout.remove_prefix(1);
            }
        }
        return true;
    }

    std::string_view& text_;
    Layout& layout_;
};

Result<Layout> read_strftime(std::string_view text) {
    Layout layout;
    while (!text.empty()) {
        auto percent = text.find('%');
        append_literal(layout, text.substr(0, percent));
        if (percent == std::string_view::npos) break;
        auto written = text.substr(percent);
        text.remove_prefix(percent + 1);
        if (!ConversionReader(text, layout).read()) {
            written = written.substr(0, written.size() - text.size());
            return Error{"`" + visible(written, false) +
                         "` is no conversion of strftime (`%%` is a percent sign)"};
        }
    }
    return layout;
}

bool is_small_letter(std::string_view text) {
    return !text.empty() && text.front() >= 'a' && text.front() <= 'z';
}

/// `.000` or `,999` at the front, with no other digit behind: how many digits.
std::size_t fraction_digits(std::string_view text) {
    if (text.size() < 2 || (text[0] != '.' && text[0] != ',') || (text[1] != '0' && text[1] != '9')) return 0;
    auto end = std::min(text.find_first_not_of(text[1], 1), text.size());
    bool more_digits = end < text.size() && text[end] >= '0' && text[end] <= '9';
    return more_digits || end > 10 ? 0 : end - 1;
}

void append_fraction(Layout& layout, std::string_view written) {
    LayoutPart part;
    part.width = written.size() - 1;
    if (written[1] == '9') {
        part.field = Field::OptionalFraction;
        part.text = written.substr(0, 1);
    } else {
        append_literal(layout, written.substr(0, 1));
        part.field = Field::Fraction;
    }
    layout.push_back(part);
}

Layout read_go(std::string_view text) {
    Layout layout;
    while (!text.empty()) {
        const auto* token = find_row(kGoTokens, [&](auto& row) { return text.starts_with(row.text); });
        // "March" and "Monster" are words of their own.
        bool in_word = token != nullptr && (token->text == "Jan" || token->text == "Mon") &&
                       is_small_letter(text.substr(3));
        bool after_seconds = !layout.empty() && layout.back().field == Field::Second;
        if (auto digits = fraction_digits(text); digits > 0 && after_seconds) {
            append_fraction(layout, text.substr(0, digits + 1));
            text.remove_prefix(digits + 1);
        } else if (token != nullptr && !in_word) {
            if (token->padding == '_') append_literal(layout, "_");
            LayoutPart part;
            part.field = token->field;
            part.padding = token->padding == '_' ? '0' : token->padding;
            part.width = token->width;
            layout.push_back(part);
            text.remove_prefix(token->text.size());
        } else {
            append_literal(layout, text.substr(0, 1));
            text.remove_prefix(1);
        }
    }
    return layout;
}

}  // namespace

Result<Layout> read_layout(std::string_view text) {
    auto named = find_row(kNamedLayouts, [&](auto& row) { return row.name == text; });
    auto written = named != nullptr ? named->layout : text;
    auto layout = written.find('%') != std::string_view::npos ? read_strftime(written)
                                                              : Result<Layout>(read_go(written));
    if (!layout) return layout;
    for (const auto& part : *layout) {
        if (part.field != Field::Literal) return layout;
    }
    return Error{"the layout `" + visible(text, false) +
                 "` has no part of a time: write `%Y-%m-%d`, `2006-01-02` or a name like `RFC3339`"};
}

}  // namespace relux::data

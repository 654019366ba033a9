#include "vm/bytecode/section_text.h"

#include <initializer_list>
#include <iterator>

#include "vm/base/assert.h"
#include "vm/bytecode/quoted.h"

namespace relux::bytecode {

namespace {

/// Whether the line of a record names nothing but fields that it has.
constexpr bool names_only(std::string_view line, std::initializer_list<std::string_view> fields) {
    for (auto at = line.find('{'); at != std::string_view::npos; at = line.find('{', at + 1)) {
        auto name = line.substr(at + 1, line.find('}', at) - at - 1);
        if (name.starts_with('!')) name.remove_prefix(1);
        if (std::find(fields.begin(), fields.end(), name) == fields.end()) return false;
    }
    return true;
}

#define RECORD(Type, name, line) static_assert(names_only(line, {
#define FIELD(Type, member, initial, digest, name, ...) name,
#define LIST(Type, member, digest, name, ...) name,
#define RECORD_END(Type) \
    }));
#include "vm/bytecode/records.def"

}  // namespace

/// Puts each field of one record into words.
class SectionText::FieldTexts {
  public:
    explicit FieldTexts(const SectionText& section) : section_(section) {}

    template <class Row, class T>
    void row(const Row& row, const T& value, bool /*used*/) {
        fields.push_back({row.name, {}, false, section_.is_missing(&value), false});
        show(value, fields.back());
    }
    // Lists of records have lines of their own.
    template <class Row, AnyRecord T>
    void row(const Row&, const std::vector<T>&, bool) {}
    template <class Row>
    void row(const Row&, const std::vector<Instruction>&, bool) {}

    std::vector<LineField> fields;

  private:
    static void show(bool value, LineField& field) {
        field.text = field.name;
        field.holds_nothing = !value;
    }
    template <class T>
    requires std::is_integral_v<T>
    static void show(T value, LineField& field) {
        field.text = std::to_string(value);
        field.holds_nothing = value == 0;
    }
    template <class T>
    requires std::is_enum_v<T>
    static void show(T value, LineField& field) {
        using Row = EnumRow<T>;
        const auto number = static_cast<std::size_t>(value);
        if (number < std::size(Row::kNames)) {
            field.text = Row::kNames[number];
        } else {  // the module need not be a sound one
            field.text = std::string(Row::kUnknown) + std::to_string(number) + "?";
        }
        field.holds_nothing = field.text.empty();
    }
    static void show(const Span& span, LineField& field) { field.text = std::to_string(span.line); }
    template <AnyIndex T>
    void show(T index, LineField& field) {
        field.text = text(index);
        field.holds_nothing = index == kNone;
    }
    template <AnyIndex T>
    void show(const std::vector<T>& indexes, LineField& field) {
        for (const auto index : indexes)
            field.text += (field.text.empty() ? "" : ", ") + text(index);
        field.holds_nothing = indexes.empty();
    }

    template <AnyIndex T>
    std::string text(T index) const {
        using Entry = typename IndexTraits<T>::Entry;
        const std::uint32_t number = index;
        if constexpr (std::is_same_v<Entry, String>) return section_.quoted_name(number);
        if constexpr (std::is_same_v<Entry, Nanoseconds>) return section_.names_.duration(number);
        return std::to_string(number);
    }

    const SectionText& section_;
};

/// The lines of the records in a record: one step further in.
class SectionText::InnerLines {
  public:
    explicit InnerLines(SectionText& section) : section_(section) {}

    template <class Row, class T>
    void row(const Row&, const T&, bool) {}
    template <class Row, AnyRecord T>
    void row(const Row&, const std::vector<T>& records, bool) {
        if constexpr (!std::is_same_v<T, Span>) {
            for (const auto& record : records)
                section_.record(record, "  ");
        }
    }

  private:
    SectionText& section_;
};

template <class T>
void SectionText::record(const T& record, std::string begin) {
    FieldTexts texts(*this);
    for_each_field(record, texts);
    line(std::move(begin) + fill_line(RecordRow<T>::kLine, texts.fields));
    InnerLines inner(*this);
    for_each_field(record, inner);
    if constexpr (std::is_same_v<T, Chunk>) {
        for (std::size_t i = 0; i < record.code.size(); ++i) {
            const auto place = i < record.spans.size() ? std::to_string(record.spans[i].line) : "?";
            line("  " + std::to_string(i) + "  line " + place + "  " + names_.instruction(record, i));
        }
    }
}

/// Writes the lines of a section itself.
class SectionText::SectionLines {
  public:
    explicit SectionLines(SectionText& section) : section_(section) {}

    template <class T>
    void row(const ValueRow& row, const T& value) {
        if (section_.is_missing(&value)) return;
        std::vector<LineField> fields(2);
        fields[1].name = "#";
        if constexpr (std::is_same_v<T, std::string>) {
            fields[0].text = quoted_text(value);
            fields[1].text = std::to_string(value.size());
            fields[1].holds_nothing = value.empty();
        } else {
            fields[0].text = std::to_string(value);
        }
        fields[0].named = fields[1].named = true;
        section_.line(fill_line(row.line, fields));
    }
    template <class Entry, class T>
    void row(const TableRow<Entry>& row, const std::vector<T>& entries) {
        for (std::size_t i = 0; i < entries.size(); ++i)
            entry(static_cast<Entry*>(nullptr), entries[i], std::string(row.word) + " " + std::to_string(i));
    }

  private:
    void entry(const String*, const std::string& text, std::string begin) {
        section_.line(std::move(begin) + " " + quoted_text(text));
    }
    void entry(const PatternText*, const std::string& text, std::string begin) {
        section_.line(std::move(begin) + " " + slashed(text));
    }
    void entry(const PathText*, const std::string& text, std::string begin) {
        section_.line(std::move(begin) + " " + quoted_text(text));
    }
    void entry(const Nanoseconds*, std::int64_t duration, std::string begin) {
        section_.line(std::move(begin) + " " + std::to_string(duration) + " ns");
    }
    template <AnyRecord T>
    void entry(const void*, const T& record, std::string begin) {
        section_.record(record, std::move(begin));
    }

    SectionText& section_;
};

std::string SectionText::of(std::string_view section) {
    out_.clear();
    SectionLines lines(*this);
    bool found = false;
    for_each_section(module_, [&](const SectionRow& row, auto fields) {
        if (row.name != section) return;
        found = true;
        fields(lines);
    });
    RELUX_ASSERT(found, "a section of module.def");
    return std::move(out_);
}

std::string SectionText::quoted_name(StringIndex index) const {
    return index < module_.strings.size() ? quoted_text(module_.strings[index]) : names_.string(index);
}

}  // namespace relux::bytecode

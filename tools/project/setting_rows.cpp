// Defaults as a user would write them.
#include "tools/project/setting_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "tools/project/manifest.h"
#include "tools/project/setting_forms.h"

namespace relux::cli {

namespace {

/// Where comments begin, behind the prefix.
constexpr std::size_t kCommentColumn = 29;

std::string in_quotes(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string as_toml(const form::Line&, const std::string& text) {
    return in_quotes(text);
}

std::string format_list(const std::vector<std::string>& words) {
    std::string list;
    for (const auto& word : words)
        list += (list.empty() ? "" : ", ") + in_quotes(word);
    return "[" + list + "]";
}

std::string as_toml(const form::Command&, const std::vector<std::string>& words) {
    return words.size() == 1 ? in_quotes(words.front()) : format_list(words);
}

std::string as_toml(const form::Names&, const std::vector<std::string>& names) {
    return format_list(names);
}

/// In the largest unit of which it is a whole number.
std::string as_toml(const form::Size&, std::size_t bytes) {
    constexpr std::array<std::string_view, 4> kUnits = {"B", "KiB", "MiB", "GiB"};
    std::size_t unit = 0;
    for (; unit + 1 < kUnits.size() && bytes % 1024 == 0; ++unit)
        bytes /= 1024;
    return in_quotes(std::to_string(bytes) + std::string(kUnits[unit]));
}

std::string as_toml(const form::SizeOrAuto&, std::size_t bytes) {
    return bytes == 0 ? in_quotes("auto") : as_toml(form::Size(), bytes);
}

std::string as_toml(const form::Time&, Duration duration) {
    return in_quotes(format_duration(duration));
}

std::string as_toml(const form::Switch&, bool on) {
    return on ? "true" : "false";
}

std::string as_toml(const form::DirectoryMode&, unsigned mode) {
    std::array<char, 16> digits{};
    const auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), mode, 8).ptr;
    return in_quotes("0" + std::string(std::string_view(digits.data(), end)));
}

std::string as_toml(const form::AboveOne&, double number) {
    std::array<char, 32> digits{};
    const auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return std::string(std::string_view(digits.data(), end));
}

std::string as_toml(const form::Whole&, std::int64_t number) {
    return std::to_string(number);
}

std::string as_toml(const form::Whole&, std::optional<int> number) {
    return std::to_string(number.value_or(0));
}

std::string as_toml(const form::JobCount&, const run::Jobs& jobs) {
    return jobs.automatic ? in_quotes("auto") : std::to_string(jobs.count);
}

template <class Value>
std::string as_toml(const form::OneOf<Value>& choice, Value value) {
    return in_quotes(choice.word(value));
}

SettingRow make_row(std::string_view table, std::string_view key, std::string value, std::string_view note,
                    std::string_view about) {
    return {table, key, std::move(value), note, about.empty() ? note : about, {}, {}, {}};
}

}  // namespace

void SettingRow::set_flag(std::string_view names, std::string_view shown_value, std::string_view meaning) {
    flag_names = names;
    flag_value = shown_value;
    flag_meaning = meaning;
}

std::vector<SettingRow> setting_rows() {
    const Manifest defaults;
    std::vector<SettingRow> rows;
#define KEY(table, key, Type, member, value, form, flag, influence, note, about)         \
    rows.push_back(make_row(#table, #key, as_toml(form, defaults.member), note, about)); \
    flag
#define FLAG(Type, member, names, value, help, meaning) rows.back().set_flag(names, value, meaning);
#define NO_FLAG
#include "vm/run/settings.def"
    return rows;
}

std::string format_settings(std::string_view prefix, std::string_view name,
                            std::string_view SettingRow::*comment) {
    std::string text;
    std::string_view table;
    for (const auto& row : setting_rows()) {
        if (row.table != table) {
            table = row.table;
            text.append("\n").append(prefix).append("[").append(table).append("]\n");
        }
        const bool is_name = table.empty() && row.key == "name";
        auto line = std::string(row.key) + " = " + (is_name ? in_quotes(name) : row.value);
        if (const auto words = row.*comment; !words.empty()) {
            line.resize(std::max(line.size() + 1, kCommentColumn), ' ');
            line.append("# ").append(words);
        }
        text.append(prefix).append(line).append("\n");
    }
    return text;
}

}  // namespace relux::cli

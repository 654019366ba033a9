#include "tools/history/history_table.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include "tools/cli/output.h"
#include "tools/history/toml_document.h"
#include "vm/base/columns.h"
#include "vm/base/duration.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace {

using Form = HistoryColumn::Form;

std::string percent(double share, bool sign) {
    const auto rounded = std::lround(share * 100);
    const bool tiny = rounded == 0 && share > 0 && !sign;
    return std::string(sign && rounded > 0 ? "+" : "") + (tiny ? "<1" : std::to_string(rounded)) + " %";
}

std::string shown(const HistoryCell& cell, Form form) {
    if (const auto* text = std::get_if<std::string>(&cell)) return visible(*text, false);
    if (const auto* count = std::get_if<std::int64_t>(&cell)) {
        if (form == Form::Milliseconds) return format_elapsed(std::chrono::milliseconds(*count));
        return std::to_string(*count);
    }
    const double number = std::get<double>(cell);
    if (form == Form::Milliseconds) return format_elapsed(Duration(static_cast<std::int64_t>(number * 1e6)));
    return percent(number, form == Form::Change);
}

void append_padded(std::string& line, std::string_view text, std::size_t width, bool right) {
    const std::string padding(width - columns_of(text), ' ');
    if (!line.empty()) line += "  ";
    line += right ? padding + std::string(text) : std::string(text) + padding;
}

std::string render_human(const HistoryTable& table) {
    if (table.rows.empty()) return std::string(table.nothing) + "\n";
    std::vector<std::vector<std::string>> lines(table.rows.size() + 1);
    std::vector<std::size_t> widths;
    std::vector<bool> right;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        const auto& about = table.columns[column];
        if (about.heading.empty()) continue;
        lines[0].emplace_back(about.heading);
        for (std::size_t row = 0; row < table.rows.size(); ++row)
            lines[row + 1].push_back(shown(table.rows[row][column], about.form));
        std::size_t width = 0;
        for (const auto& line : lines)
            width = std::max(width, columns_of(line.back()));
        widths.push_back(width);
        right.push_back(about.form != Form::Text);
    }
    std::string text;
    for (const auto& cells : lines) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i)
            append_padded(line, cells[i], widths[i], right[i]);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string render_json(const HistoryTable& table) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const auto& cells : table.rows) {
        nlohmann::ordered_json row = nlohmann::ordered_json::object();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (table.columns[i].key.empty()) continue;
            std::visit([&](const auto& value) { row[std::string(table.columns[i].key)] = value; }, cells[i]);
        }
        rows.push_back(std::move(row));
    }
    nlohmann::ordered_json whole = nlohmann::ordered_json::object();
    whole["runs"] = table.runs;
    whole[std::string(table.rows_key)] = std::move(rows);
    auto text = whole.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    // A character that would make a terminal show another text becomes an escape, and the rest with it.
    if (printable(text) != text)
        text = whole.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    return text + "\n";
}

std::string render_toml(const HistoryTable& table) {
    toml::table whole;
    whole.insert("runs", static_cast<std::int64_t>(table.runs));
    toml::array rows;
    for (const auto& cells : table.rows) {
        toml::table row;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (table.columns[i].key.empty()) continue;
            std::visit([&](const auto& value) { row.insert(table.columns[i].key, value); }, cells[i]);
        }
        rows.push_back(std::move(row));
    }
    whole.insert(table.rows_key, std::move(rows));
    return toml_document(whole);
}

}  // namespace

std::string render_history(const HistoryTable& table, HistoryFormat format) {
    switch (format) {
        case HistoryFormat::Human:
            return render_human(table);
        case HistoryFormat::Toml:
            return render_toml(table);
        case HistoryFormat::Json:
            return render_json(table);
    }
    RELUX_UNREACHABLE("format out of range");
}

}  // namespace relux::cli

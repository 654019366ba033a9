// A table of findings and its three forms: aligned text for people, TOML and JSON for programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace relux::cli {

struct HistoryColumn {
    enum class Form : std::uint8_t { Text, Count, Milliseconds, Share, Change };
    std::string_view key;      ///< in TOML and JSON; empty: for people only
    std::string_view heading;  ///< for people; empty: for programs only
    Form form = Form::Text;    ///< Share: from 0 to 1; Change: the same with its sign
};

using HistoryCell = std::variant<std::string, std::int64_t, double>;

struct HistoryTable {
    std::string_view rows_key = "tests";  ///< what TOML and JSON call the rows
    std::string_view nothing;             ///< the sentence for people when there is no row
    std::vector<HistoryColumn> columns;
    std::vector<std::vector<HistoryCell>> rows;
    std::size_t runs = 0;  ///< that were looked at
};

enum class HistoryFormat : std::uint8_t { Human, Toml, Json };

std::string render_history(const HistoryTable& table, HistoryFormat format);

}  // namespace relux::cli

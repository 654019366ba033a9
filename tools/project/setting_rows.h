// The keys of Relux.toml for people: the rows of vm/run/settings.def as texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace relux::cli {

/// A key, with what a user is told of it. The texts are there as long as the program runs.
struct SettingRow {
    std::string_view table;  ///< empty: it stands above the tables
    std::string_view key;
    std::string value;       ///< its default, as TOML
    std::string_view note;   ///< in the file that `relux init` makes
    std::string_view about;  ///< in the documentation
    // The flag that beats it; empty without one.
    std::string_view flag_names;    ///< `-j,--jobs`
    std::string_view flag_value;    ///< `N|auto`
    std::string_view flag_meaning;  ///< in the documentation

    void set_flag(std::string_view names, std::string_view value, std::string_view meaning);
};

/// In the order of the rows.
std::vector<SettingRow> setting_rows();

/// All keys with their defaults as TOML, with comments: each line begins with `prefix`; a project is called
/// `name`, which has no character that would need an escape.
std::string format_settings(std::string_view prefix, std::string_view name,
                            std::string_view SettingRow::*comment);

}  // namespace relux::cli

// docs/reference/configuration.md has the keys of Relux.toml, and the flags that beat them, as
// vm/run/settings.def says. With RELUX_BLESS=1 in the environment these parts of it are written anew.

#include <doctest/doctest.h>

#include "tests/support/golden_file.h"
#include "tools/project/manifest.h"
#include "tools/project/setting_rows.h"

using namespace relux;
using namespace relux::cli;

namespace {

constexpr std::string_view kBlock = "```toml Relux.toml\n";
constexpr std::string_view kBlockEnd = "```\n";
constexpr std::string_view kFlags = "### `relux run`\n";

void put_keys(std::string& page) {
    const auto begin = page.find(kBlock) + kBlock.size();
    const auto end = page.find(kBlockEnd, begin);
    REQUIRE(end != std::string::npos);
    page.replace(begin, end - begin, format_settings("", "my-suite", &SettingRow::about));
}

/// In a table `|` would end the cell.
std::string in_cell(std::string_view text) {
    std::string cell;
    for (const char c : text)
        cell.append(c == '|' ? "\\" : "").append(1, c);
    return cell;
}

/// The first cell up to the flag's value: by this its row is known. `| `-j`, `--jobs`.
std::string row_start(const SettingRow& row) {
    auto start = "| `" + std::string(row.flag_names);
    if (const auto comma = start.find(','); comma != std::string::npos) start.replace(comma, 1, "`, `");
    return start;
}

/// Each flag's row in place of the one that is there; a new one behind that of the flag before.
void put_flags(std::string& page) {
    auto before = page.find("|---|", page.find(kFlags));
    REQUIRE(before != std::string::npos);
    for (const auto& row : setting_rows()) {
        if (row.flag_names.empty()) continue;
        const auto start = row_start(row);
        auto text = start + (row.flag_value.empty() ? "" : " " + in_cell(row.flag_value)) + "` | " +
                    std::string(row.flag_meaning) + " | `[" + std::string(row.table) + "] " +
                    std::string(row.key) + "` |\n";
        auto old = page.find(start + (row.flag_value.empty() ? "`" : " "), page.find(kFlags));
        if (old == std::string::npos) {
            old = page.find('\n', before) + 1;
            page.insert(old, text);
        } else {
            page.replace(old, page.find('\n', old) + 1 - old, text);
        }
        before = old;
    }
}

template <class Value>
bool same(const Value& told, const Value& configured) {
    return told == configured;
}

/// A number that depends on others is told as 0.
bool same(const std::optional<int>& told, const std::optional<int>& configured) {
    return told.value_or(0) == configured.value_or(0);
}

}  // namespace

TEST_CASE("configuration.md has every key of Relux.toml, and every flag that beats one") {
    auto page = test_support::read_golden(RELUX_CONFIGURATION_PAGE);
    put_keys(page);
    put_flags(page);
    test_support::compare_with_golden(RELUX_CONFIGURATION_PAGE, page);
}

TEST_CASE("what is told to be a default is the default") {
    const Manifest defaults;
    const auto told = parse_manifest(format_settings("", "x", &SettingRow::note), "Relux.toml");
    REQUIRE(told);
#define PROJECT_KEY(...)
#define KEY(table, key, Type, member, ...) CHECK_MESSAGE(same(told->member, defaults.member), #key);
#include "vm/run/settings.def"
}

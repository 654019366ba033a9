// Reading of the host's environment and of `.env` files. No value is interpolated: what is written is what is
// set.
#include "tools/cli/environment.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <unistd.h>

#include "tools/cli/files.h"

namespace relux::cli {

namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool is_name(std::string_view name) {
    auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    auto any = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), any);
}

bool only_comment(std::string_view rest) {
    rest = trimmed(rest);
    return rest.empty() || rest.front() == '#';
}

std::optional<std::string> double_quoted(std::string_view text) {
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') return only_comment(text.substr(i + 1)) ? std::optional(value) : std::nullopt;
        if (text[i] != '\\' || i + 1 == text.size()) {
            value += text[i];
            continue;
        }
        char escaped = text[++i];
        if (escaped == 'n') {
            value += '\n';
        } else if (escaped == 't') {
            value += '\t';
        } else {
            if (escaped != '"' && escaped != '\\' && escaped != '$') value += '\\';
            value += escaped;
        }
    }
    return std::nullopt;
}

std::optional<std::string> value_of(std::string_view text) {
    if (text.starts_with('"')) return double_quoted(text);
    if (text.starts_with('\'')) {
        auto end = text.find('\'', 1);
        if (end == std::string_view::npos || !only_comment(text.substr(end + 1))) return std::nullopt;
        return std::string(text.substr(1, end - 1));
    }
    // A `#` begins a comment only after a blank: `COLOR=#fff` is a value.
    auto comment = std::min(text.find(" #"), text.find("\t#"));
    return std::string(trimmed(text.substr(0, comment)));
}

}  // namespace

Result<Environment> parse_dotenv(std::string_view text, std::string_view file) {
    Environment variables;
    for (int number = 1; !text.empty(); ++number) {
        auto newline = text.find('\n');
        auto line = trimmed(text.substr(0, newline));
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        if (line.empty() || line.front() == '#') continue;
        if (line.starts_with("export ")) line = trimmed(line.substr(7));
        auto equals = line.find('=');
        auto name = trimmed(line.substr(0, equals));
        auto value =
            equals == std::string_view::npos ? std::nullopt : value_of(trimmed(line.substr(equals + 1)));
        if (!is_name(name) || !value) {
            return Error{std::string(file) + ":" + std::to_string(number) + ": expected NAME=value"};
        }
        variables.insert_or_assign(std::string(name), *value);
    }
    return variables;
}

Result<Environment> base_environment(const std::filesystem::path& root) {
    Environment variables;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view text = *entry;
        auto equals = text.find('=');
        if (equals == std::string_view::npos || equals == 0) continue;
        variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    auto file = root / ".env";
    auto text = read_file(file);
    if (!text && text.error().code == ENOENT) return variables;
    if (!text) return text.error();
    auto own = parse_dotenv(*text, file.string());
    if (!own) return own.error();
    for (auto& [name, value] : *own)
        variables.insert_or_assign(name, std::move(value));
    return variables;
}

bool is_runtime_variable(std::string_view name) {
    static constexpr std::array<std::string_view, 8> kNames = {
        "__RELUX",
        "__RELUX_RUN_ID",
        "__RELUX_RUN_ARTIFACTS",
        "__RELUX_SHELL_PROMPT",
        "__RELUX_SUITE_ROOT",
        "__RELUX_TEST_ID",
        "__RELUX_TEST_ARTIFACTS",
        "__RELUX_TEST_ROOT",
    };
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace relux::cli

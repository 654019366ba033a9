// Reading of Relux.toml with toml++, built without its exceptions; no other file includes it. Every mistake
// is collected, so one run shows all of them.
#include "tools/project/manifest.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <toml++/toml.h>

#include "vm/base/input_limits.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace {

constexpr std::int64_t kMostJobs = 100'000;
constexpr std::int64_t kMostThreads = 1'024;

struct TableKeys {
    std::string_view table;  ///< empty for the top level
    std::vector<std::string_view> keys;
};

const std::vector<TableKeys>& known_tables() {
    static const std::vector<TableKeys> tables = {
        {"", {"name", "language", "shell", "timeout", "run", "flaky", "available_ports", "report"}},
        {"shell", {"command", "prompt", "term", "columns", "rows", "buffer_limit"}},
        {"timeout", {"match", "test", "suite"}},
        {"run", {"jobs", "threads", "early_shells", "memory_limit", "leftover", "inputs"}},
        {"flaky", {"max_retries", "timeout_multiplier"}},
        {"available_ports", {"range_start", "range_end"}},
        {"report", {"mask", "mode", "environment"}},
    };
    return tables;
}

class ManifestReader {
  public:
    explicit ManifestReader(std::string_view file) : file_(file) {}

    Result<Manifest> read(std::string_view text) {
        auto parsed = toml::parse(text, file_);
        if (!parsed) {
            complain(parsed.error().source(), std::string(parsed.error().description()));
            return Error{errors_};
        }
        root_ = &parsed.table();
        for (const auto& known : known_tables())
            check_keys(known);
        read_top_level();
        read_shell();
        read_timeouts();
        read_jobs();
        read_threads();
        read_early_shells();
        read_memory_limit();
        read_choice("run", "leftover", "warn", "fail", manifest_.leftover_fails);
        read_choice("report", "environment", "read", "all", manifest_.report_shows_environment);
        read_whole("flaky", "max_retries", 0, 1'000, manifest_.flaky_retries);
        read_multiplier();
        read_names("report", "mask", "an array of names, in which `*` and `?` stand for anything",
                   manifest_.mask);
        read_mode();
        read_names("run", "inputs",
                   "an array of paths below the project, in which `*`, `?` and `**` are globs",
                   manifest_.inputs);
        read_whole("available_ports", "range_start", 1, 65535, manifest_.port_range_start);
        read_whole("available_ports", "range_end", 1, 65535, manifest_.port_range_end);
        check_ports();
        if (mistakes_ > kMostMistakes)
            errors_ += "\n" + file_ + " has " + std::to_string(mistakes_ - kMostMistakes) +
                       " more mistakes; mend these first";
        if (!errors_.empty()) return Error{errors_};
        return manifest_;
    }

  private:
    void complain(const toml::source_region& source, const std::string& message) {
        if (++mistakes_ > kMostMistakes) return;
        if (!errors_.empty()) errors_ += '\n';
        errors_ += file_ + ":" + std::to_string(source.begin.line) + ": " + visible(message, false);
    }

    static std::string key_name(std::string_view table, std::string_view key) {
        auto name = "`" + std::string(key) + "`";
        return table.empty() ? name : name + " in [" + std::string(table) + "]";
    }

    const toml::table* table_of(std::string_view table) const {
        return table.empty() ? root_ : root_->get_as<toml::table>(table);
    }

    const toml::node* find(std::string_view table, std::string_view key) const {
        const auto* found = table_of(table);
        return found == nullptr ? nullptr : found->get(key);
    }

    static bool known(const TableKeys& table, std::string_view key) {
        for (auto name : table.keys) {
            if (name == key) return true;
        }
        return false;
    }

    // The nearest key of the table, or the table that has a key of this name.
    static std::string way_out(const TableKeys& table, std::string_view key) {
        auto nearest = nearest_name(key, table.keys);
        if (!nearest.empty()) return ": did you mean `" + std::string(nearest) + "`?";
        for (const auto& other : known_tables()) {
            if (!known(other, key)) continue;
            return other.table.empty() ? ": it belongs above the tables"
                                       : ": it belongs in [" + std::string(other.table) + "]";
        }
        std::string list;
        for (auto name : table.keys)
            list += (list.empty() ? " `" : ", `") + std::string(name) + "`";
        return ": the keys here are" + list;
    }

    void check_keys(const TableKeys& known_table) {
        if (!known_table.table.empty()) {
            const auto* node = root_->get(known_table.table);
            if (node != nullptr && !node->is_table()) {
                complain(node->source(), "`" + std::string(known_table.table) + "` must be a table: [" +
                                             std::string(known_table.table) + "]");
            }
        }
        const auto* table = table_of(known_table.table);
        if (table == nullptr) return;
        for (auto&& [key, node] : *table) {
            if (known(known_table, key.str())) continue;
            // The way out takes longer than counting.
            if (mistakes_ >= kMostMistakes) {
                ++mistakes_;
                continue;
            }
            complain(key.source(), "unknown key " + key_name(known_table.table, key.str()) +
                                       way_out(known_table, key.str()));
        }
    }

    void wrong(std::string_view table, std::string_view key, const toml::node& node,
               std::string_view expected) {
        complain(node.source(), key_name(table, key) + " must be " + std::string(expected));
    }

    void read_text(std::string_view table, std::string_view key, std::string& target) {
        const auto* node = find(table, key);
        if (node == nullptr) return;
        auto text = node->value_exact<std::string>();
        if (!text || text->empty() ||
            text->find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos) {
            return wrong(table, key, *node, "a string of one line that is not empty");
        }
        target = *text;
    }

    template <class Integer>
    void read_whole(std::string_view table, std::string_view key, std::int64_t least, std::int64_t most,
                    Integer& target) {
        const auto* node = find(table, key);
        if (node == nullptr) return;
        auto number = node->value_exact<std::int64_t>();
        if (!number || *number < least || *number > most) {
            return wrong(table, key, *node,
                         "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        }
        target = static_cast<Integer>(*number);
    }

    void read_duration(std::string_view key, Duration& target) {
        const auto* node = find("timeout", key);
        if (node == nullptr) return;
        auto text = node->value_exact<std::string>();
        if (!text) return wrong("timeout", key, *node, "a duration in quotes, such as \"5s\" or \"1m 30s\"");
        auto duration = parse_duration(*text, true);
        if (!duration) return wrong("timeout", key, *node, "a duration: " + duration.error().message);
        target = *duration;
    }

    void read_top_level() {
        read_text("", "name", manifest_.name);
        const auto* node = find("", "language");
        if (node == nullptr) return;
        auto text = node->value_exact<std::string>();
        if (text == "0.4") {
            manifest_.language = frontend::Edition::V0_4;
        } else if (text == "0.8") {
            manifest_.language = frontend::Edition::V0_8;
        } else {
            wrong("", "language", *node, "\"0.4\" or \"0.8\"");
        }
    }

    void read_shell() {
        read_command();
        read_text("shell", "prompt", manifest_.shell.prompt);
        read_text("shell", "term", manifest_.shell.term);
        read_whole("shell", "columns", 1, 65535, manifest_.shell.columns);
        read_whole("shell", "rows", 1, 65535, manifest_.shell.rows);
        const auto* node = find("shell", "buffer_limit");
        if (node == nullptr) return;
        auto text = node->value_exact<std::string>();
        auto size = text ? parse_size(*text) : std::nullopt;
        if (!size)
            return wrong("shell", "buffer_limit", *node, "a size in quotes, such as \"64MiB\" or \"512KiB\"");
        manifest_.shell.buffer_limit = *size;
    }

    void read_command() {
        constexpr std::string_view kExpected = "a program, or an array of a program and its arguments";
        const auto* node = find("shell", "command");
        if (node == nullptr) return;
        std::vector<std::string> command;
        if (const auto* array = node->as_array()) {
            for (const auto& element : *array) {
                auto word = element.value_exact<std::string>();
                if (!word) return wrong("shell", "command", element, kExpected);
                command.push_back(*word);
            }
        } else if (auto word = node->value_exact<std::string>()) {
            command.push_back(*word);
        }
        if (command.empty() || command.front().empty()) return wrong("shell", "command", *node, kExpected);
        manifest_.shell.command = std::move(command);
    }

    void read_timeouts() {
        read_duration("match", manifest_.timeout.match);
        read_duration("test", manifest_.timeout.test);
        read_duration("suite", manifest_.timeout.suite);
    }

    void read_multiplier() {
        const auto* node = find("flaky", "timeout_multiplier");
        if (node == nullptr) return;
        auto number = node->is_number() ? node->value<double>() : std::nullopt;
        if (!number || !std::isfinite(*number) || *number <= 1.0) {
            return wrong("flaky", "timeout_multiplier", *node, "a number greater than 1");
        }
        manifest_.flaky_multiplier = *number;
    }

    void read_jobs() {
        const auto* node = find("run", "jobs");
        if (node == nullptr) return;
        const auto number = node->value_exact<std::int64_t>();
        manifest_.automatic_jobs = node->value_exact<std::string>() == "auto";
        if (manifest_.automatic_jobs) {
            manifest_.jobs = 0;
        } else if (!number || *number < 0 || *number > kMostJobs) {
            wrong("run", "jobs", *node,
                  "a whole number from 0 to " + std::to_string(kMostJobs) + ", or \"auto\"");
        } else {
            manifest_.jobs = static_cast<int>(*number);
        }
    }

    void read_threads() {
        const auto* node = find("run", "threads");
        if (node == nullptr) return;
        const auto number = node->value_exact<std::int64_t>();
        if (!number || *number < 0 || *number > kMostThreads)
            return wrong("run", "threads", *node, "a whole number from 0 to " + std::to_string(kMostThreads));
        manifest_.threads = static_cast<int>(*number);
    }

    void read_early_shells() {
        const auto* node = find("run", "early_shells");
        if (node == nullptr) return;
        const auto on = node->value_exact<bool>();
        if (!on) return wrong("run", "early_shells", *node, "true or false");
        manifest_.early_shells = *on;
    }

    void read_memory_limit() {
        const auto* node = find("run", "memory_limit");
        if (node == nullptr || node->value_exact<std::string>() == "auto") return;
        const auto text = node->value_exact<std::string>();
        const auto size = text ? parse_size(*text) : std::nullopt;
        if (!size)
            return wrong("run", "memory_limit", *node, "a size in quotes, such as \"1GiB\", or \"auto\"");
        manifest_.memory_limit = *size;
    }

    /// A key that takes one of two words: whether it has the second.
    void read_choice(std::string_view table, std::string_view key, std::string_view first,
                     std::string_view second, bool& chosen) {
        const auto* node = find(table, key);
        if (node == nullptr) return;
        const auto word = node->value_exact<std::string>();
        if (!word || (*word != first && *word != second))
            return wrong(table, key, *node,
                         "\"" + std::string(first) + "\" or \"" + std::string(second) + "\"");
        chosen = *word == second;
    }

    void read_names(std::string_view table, std::string_view key, std::string_view expected,
                    std::vector<std::string>& names) {
        const auto* node = find(table, key);
        if (node == nullptr) return;
        const auto* array = node->as_array();
        if (array == nullptr) return wrong(table, key, *node, expected);
        for (const auto& element : *array) {
            auto name = element.value_exact<std::string>();
            if (!name || name->empty()) return wrong(table, key, element, expected);
            names.push_back(*name);
        }
    }

    void read_mode() {
        const auto* node = find("report", "mode");
        if (node == nullptr) return;
        constexpr std::size_t kLeastDigits = 3;
        constexpr std::size_t kMostDigits = 4;
        constexpr unsigned kOwner = 0700;
        constexpr unsigned kAll = 0777;
        const auto text = node->value_exact<std::string>().value_or(std::string());
        unsigned mode = 0;
        const auto* end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data(), end, mode, 8);
        const bool good = parsed.ec == std::errc() && parsed.ptr == end && text.size() >= kLeastDigits &&
                          text.size() <= kMostDigits && (mode & kOwner) == kOwner && mode <= kAll;
        if (!good)
            return wrong(
                "report", "mode", *node,
                "the mode of a directory as an octal text with all rights for its owner, from \"0700\" "
                "to \"0777\"");
        manifest_.report_mode = mode;
    }

    void check_ports() {
        if (manifest_.port_range_start <= manifest_.port_range_end) return;
        const auto* node = find("available_ports", "range_end");
        if (node == nullptr) node = find("available_ports", "range_start");
        if (node == nullptr) return;
        complain(node->source(), "[available_ports] is empty: range_start " +
                                     std::to_string(manifest_.port_range_start) + " is above range_end " +
                                     std::to_string(manifest_.port_range_end));
    }

    std::string file_;
    const toml::table* root_ = nullptr;  ///< lives in read()
    std::string errors_;
    std::size_t mistakes_ = 0;
    Manifest manifest_;
};

}  // namespace

std::optional<std::size_t> parse_size(std::string_view text) {
    static constexpr std::pair<std::string_view, std::size_t> kUnits[] = {
        {"KiB", std::size_t{1} << 10},
        {"MiB", std::size_t{1} << 20},
        {"GiB", std::size_t{1} << 30},
        {"KB", 1'000},
        {"MB", 1'000'000},
        {"GB", 1'000'000'000},
        {"B", 1},
    };
    std::size_t number = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
        if (digits == 15) return std::nullopt;
        number = number * 10 + static_cast<std::size_t>(text[digits] - '0');
    }
    auto unit = text.substr(digits);
    while (unit.starts_with(' '))
        unit.remove_prefix(1);
    for (const auto& [name, factor] : kUnits) {
        if (digits == 0 || number == 0 || unit != name) continue;
        if (number > std::numeric_limits<std::size_t>::max() / factor) return std::nullopt;
        return number * factor;
    }
    return std::nullopt;
}

Result<Manifest> parse_manifest(std::string_view text, std::string_view file) {
    return ManifestReader(file).read(text);
}

}  // namespace relux::cli

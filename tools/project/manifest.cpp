// Reads Relux.toml with toml++, built without its exceptions. Every mistake is collected, so that one run
// shows all of them.
#include "tools/project/manifest.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "tools/project/setting_forms.h"
#include "vm/base/input_limits.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace {

struct TableKeys {
    std::string_view table;  ///< empty for the top level
    std::vector<std::string_view> keys;
};

/// In the order of the rows, which is that of the tables.
std::vector<TableKeys> tables_of_keys() {
    static constexpr std::pair<std::string_view, std::string_view> kKeys[] = {
#define KEY(table, key, ...) {#table, #key},
#include "vm/run/settings.def"
    };
    std::vector<TableKeys> tables = {{"", {}}};
    for (const auto& [table, key] : kKeys) {
        if (table != tables.back().table) {
            tables.front().keys.push_back(table);
            tables.push_back({table, {}});
        }
        tables.back().keys.push_back(key);
    }
    return tables;
}

const std::vector<TableKeys>& known_tables() {
    static const auto tables = tables_of_keys();
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
#define KEY(table, key, Type, member, value, form, ...) read_key(#table, #key, form, manifest_.member);
#include "vm/run/settings.def"
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

    /// A key that the file has.
    struct Entry {
        std::string_view table;
        std::string_view key;
        const toml::node& node;
    };

    void wrong(const Entry& entry, std::string_view expected) {
        wrong(entry, entry.node, expected);
    }

    /// `place` is the part that is wrong.
    void wrong(const Entry& entry, const toml::node& place, std::string_view expected) {
        complain(place.source(), key_name(entry.table, entry.key) + " must be " + std::string(expected));
    }

    template <class Form, class Value>
    void read_key(std::string_view table, std::string_view key, const Form& form, Value& target) {
        if (const auto* node = find(table, key)) read_value({table, key, *node}, form, target);
    }

    void read_value(const Entry& entry, const form::Line&, std::string& target) {
        auto text = entry.node.value_exact<std::string>();
        if (!text || text->empty() ||
            text->find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos) {
            return wrong(entry, "a string of one line that is not empty");
        }
        target = *text;
    }

    template <class Value>
    void read_value(const Entry& entry, const form::Whole& form, Value& target) {
        auto number = entry.node.value_exact<std::int64_t>();
        if (!number || *number < form.least || *number > form.most) {
            return wrong(entry, "a whole number from " + std::to_string(form.least) + " to " +
                                    std::to_string(form.most));
        }
        store(*number, target);
    }

    template <class Value>
    static void store(std::int64_t number, Value& target) {
        target = static_cast<Value>(number);
    }

    template <class Value>
    static void store(std::int64_t number, std::optional<Value>& target) {
        target = static_cast<Value>(number);
    }

    void read_value(const Entry& entry, const form::Time&, Duration& target) {
        auto text = entry.node.value_exact<std::string>();
        if (!text) return wrong(entry, "a duration in quotes, such as \"5s\" or \"1m 30s\"");
        auto duration = parse_duration(*text, true);
        if (!duration) return wrong(entry, "a duration: " + duration.error().message);
        target = *duration;
    }

    template <class Value>
    void read_value(const Entry& entry, const form::OneOf<Value>& form, Value& target) {
        const auto word = entry.node.value_exact<std::string>();
        if (!word || (*word != form.first && *word != form.second)) {
            return wrong(entry,
                         "\"" + std::string(form.first) + "\" or \"" + std::string(form.second) + "\"");
        }
        target = *word == form.second ? form.second_value : form.first_value;
    }

    void read_value(const Entry& entry, const form::Size&, std::size_t& target) {
        auto text = entry.node.value_exact<std::string>();
        auto size = text ? parse_size(*text) : std::nullopt;
        if (!size) return wrong(entry, "a size in quotes, such as \"64MiB\" or \"512KiB\"");
        target = *size;
    }

    void read_value(const Entry& entry, const form::SizeOrAuto&, std::size_t& target) {
        const auto text = entry.node.value_exact<std::string>();
        if (text == "auto") return;
        const auto size = text ? parse_size(*text) : std::nullopt;
        if (!size) return wrong(entry, "a size in quotes, such as \"1GiB\", or \"auto\"");
        target = *size;
    }

    void read_value(const Entry& entry, const form::Command&, std::vector<std::string>& target) {
        constexpr std::string_view kExpected = "a program, or an array of a program and its arguments";
        std::vector<std::string> command;
        if (const auto* array = entry.node.as_array()) {
            for (const auto& element : *array) {
                auto word = element.value_exact<std::string>();
                if (!word) return wrong(entry, element, kExpected);
                command.push_back(*word);
            }
        } else if (auto word = entry.node.value_exact<std::string>()) {
            command.push_back(*word);
        }
        if (command.empty() || command.front().empty()) return wrong(entry, kExpected);
        target = std::move(command);
    }

    void read_value(const Entry& entry, const form::AboveOne&, double& target) {
        auto number = entry.node.is_number() ? entry.node.value<double>() : std::nullopt;
        if (!number || !std::isfinite(*number) || *number <= 1.0)
            return wrong(entry, "a number greater than 1");
        target = *number;
    }

    void read_value(const Entry& entry, const form::JobCount& form, run::Jobs& target) {
        const auto number = entry.node.value_exact<std::int64_t>();
        target.automatic = entry.node.value_exact<std::string>() == "auto";
        if (target.automatic) {
            target.count = 0;
        } else if (!number || *number < 0 || *number > form.most) {
            wrong(entry, "a whole number from 0 to " + std::to_string(form.most) + ", or \"auto\"");
        } else {
            target.count = static_cast<int>(*number);
        }
    }

    void read_value(const Entry& entry, const form::Switch&, bool& target) {
        const auto on = entry.node.value_exact<bool>();
        if (!on) return wrong(entry, "true or false");
        target = *on;
    }

    void read_value(const Entry& entry, const form::Names& form, std::vector<std::string>& target) {
        const auto* array = entry.node.as_array();
        if (array == nullptr) return wrong(entry, form.expected);
        for (const auto& element : *array) {
            auto name = element.value_exact<std::string>();
            if (!name || name->empty()) return wrong(entry, element, form.expected);
            target.push_back(*name);
        }
    }

    void read_value(const Entry& entry, const form::DirectoryMode&, unsigned& target) {
        constexpr std::size_t kLeastDigits = 3;
        constexpr std::size_t kMostDigits = 4;
        constexpr unsigned kOwner = 0700;
        constexpr unsigned kAll = 0777;
        const auto text = entry.node.value_exact<std::string>().value_or(std::string());
        unsigned mode = 0;
        const auto* end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data(), end, mode, 8);
        const bool good = parsed.ec == std::errc() && parsed.ptr == end && text.size() >= kLeastDigits &&
                          text.size() <= kMostDigits && (mode & kOwner) == kOwner && mode <= kAll;
        if (!good)
            return wrong(
                entry,
                "the mode of a directory as an octal text with all rights for its owner, from \"0700\" "
                "to \"0777\"");
        target = mode;
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

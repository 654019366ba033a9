#include "frontend/workflow/config_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "vm/value/text_cursor.h"

namespace relux::workflow {

namespace {

constexpr std::array<std::string_view, 6> config_keys{"http",  "postgres", "sqlite",
                                                      "redis", "vars",     "validate"};
constexpr std::array<std::string_view, 3> http_keys{"base_url", "headers", "debug"};
constexpr std::array<std::string_view, 1> postgres_keys{"dsn"};
constexpr std::array<std::string_view, 1> sqlite_keys{"path"};
constexpr std::array<std::string_view, 3> redis_keys{"addr", "password", "db"};
constexpr std::array<std::string_view, 5> rule_keys{"name", "type", "required", "pattern", "default"};
constexpr std::array<std::string_view, 5> value_types{"string", "number", "bool", "array", "object"};
constexpr std::array<std::string_view, 3> file_keys{"config", "profiles", "presets"};

/// `postgres: {dsn: text}` and its like.
std::optional<Template> read_connection(const DocumentContext& context, const MapReader& config,
                                        const KeyPath& path, std::string_view section,
                                        std::span<const std::string_view> keys) {
    const auto* node = config.find(section);
    if (node == nullptr) return std::nullopt;
    auto here = path.key(section);
    MapReader reader(context, *node, here, "config." + std::string(section), keys);
    const auto* value = reader.find(keys[0]);
    if (value == nullptr) return std::nullopt;
    return read_template(context, *value, here.key(keys[0]));
}

void read_redis(const DocumentContext& context, const Node& node, const KeyPath& path, Config& config) {
    MapReader reader(context, node, path, "config.redis", redis_keys);
    if (const auto* address = reader.find("addr"))
        config.redis_addr = read_template(context, *address, path.key("addr"));
    if (const auto* password = reader.find("password"))
        config.redis_password = read_text(context, *password, path.key("password"));
    const auto* database = reader.find("db");
    if (database == nullptr) return;
    config.redis_database = read_text(context, *database, path.key("db"));
    const auto* number = config.redis_database ? config.redis_database->text() : nullptr;
    const bool whole = number == nullptr || (!number->empty() && number->size() < 6 &&
                                             std::all_of(number->begin(), number->end(), value::is_digit));
    if (!whole) context.report_type(path.key("db"), *database, "the number of a database, as in `0`");
}

/// One of `config.validate`; nothing when it has no name.
std::optional<VariableRule> read_rule(const DocumentContext& context, const Node& node, const KeyPath& path) {
    MapReader reader(context, node, path, "a rule of config.validate", rule_keys);
    VariableRule rule;
    rule.place = node.place;
    if (const auto* type = reader.find("type")) {
        rule.type = read_name(context, *type, path.key("type")).value_or("");
        if (!rule.type.empty() &&
            std::find(value_types.begin(), value_types.end(), rule.type) == value_types.end()) {
            context.report(path.key("type"), type->place,
                           "unknown type " + shown(rule.type) + suggestion(rule.type, value_types));
        }
    }
    if (const auto* required = reader.find("required"))
        rule.required = read_boolean(context, *required, path.key("required")).value_or(false);
    if (const auto* pattern = reader.find("pattern"))
        rule.pattern = read_name(context, *pattern, path.key("pattern"));
    if (const auto* fallback = reader.find("default"))
        rule.fallback = read_value(context, *fallback, path.key("default"));
    const auto* name = reader.require("name");
    auto here = path.key("name");
    const auto variable = name == nullptr ? std::nullopt : read_name(context, *name, here);
    if (!variable || !check_variable_name(context, *variable, name->place, here)) return std::nullopt;
    rule.name = *variable;
    return rule;
}

std::vector<VariableRule> read_rules(const DocumentContext& context, const Node& node, const KeyPath& path) {
    std::vector<VariableRule> rules;
    if (!node.is_list()) {
        context.report_type(path, node, "a list of {name, type, required, pattern, default}");
        return rules;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        auto rule = read_rule(context, node.items[i], path.item(i));
        if (!rule) continue;
        const bool taken = std::any_of(rules.begin(), rules.end(),
                                       [&](const VariableRule& other) { return other.name == rule->name; });
        if (taken) {
            context.report(path.item(i), rule->place,
                           "there is a rule for " + shown(rule->name) + " already");
        }
        rules.push_back(std::move(*rule));
    }
    return rules;
}

/// A name, or a list of names.
std::vector<PresetName> read_presets(const DocumentContext& context, const Node& node, const KeyPath& path) {
    std::vector<PresetName> presets;
    auto add = [&](const Node& item, const KeyPath& at) {
        if (auto name = read_name(context, item, at)) presets.push_back({*name, item.place, at.text()});
    };
    if (!node.is_list()) {
        add(node, path);
        return presets;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i)
        add(node.items[i], path.item(i));
    return presets;
}

void read_vars(const DocumentContext& context, const Node& node, const KeyPath& path, ConfigLayer& layer) {
    layer.config.vars = read_variables(context, node, path);
    std::erase_if(layer.config.vars, [](const NamedValue& variable) { return variable.name == "presets"; });
    if (const auto* presets = node.find("presets")) {
        layer.presets = read_presets(context, *presets, path.key("presets"));
    }
}

/// `profiles`, `presets`: names with a layer each.
std::vector<std::pair<std::string, ConfigLayer>> read_layers(const DocumentContext& context, const Node& node,
                                                             const KeyPath& path) {
    std::vector<std::pair<std::string, ConfigLayer>> layers;
    if (!node.is_map()) {
        context.report_type(path, node, "a map of names to configurations");
        return layers;
    }
    for (const auto& entry : node.entries)
        layers.emplace_back(entry.key.text, read_config(context, entry.value, path.key(entry.key.text)));
    return layers;
}

}  // namespace

ConfigLayer read_config(const DocumentContext& context, const Node& node, const KeyPath& path) {
    ConfigLayer layer;
    MapReader reader(context, node, path, "a configuration", config_keys);
    if (const auto* http = reader.find("http")) {
        auto here = path.key("http");
        MapReader keys(context, *http, here, "config.http", http_keys);
        if (const auto* url = keys.find("base_url")) {
            layer.config.base_url = read_template(context, *url, here.key("base_url"));
        }
        if (const auto* headers = keys.find("headers")) {
            layer.config.headers = read_headers(context, *headers, here.key("headers"));
        }
        if (const auto* debug = keys.find("debug"))
            layer.config.http_debug = read_boolean(context, *debug, here.key("debug"));
    }
    layer.config.postgres_dsn = read_connection(context, reader, path, "postgres", postgres_keys);
    layer.config.sqlite_path = read_connection(context, reader, path, "sqlite", sqlite_keys);
    if (const auto* redis = reader.find("redis"))
        read_redis(context, *redis, path.key("redis"), layer.config);
    if (const auto* vars = reader.find("vars")) read_vars(context, *vars, path.key("vars"), layer);
    if (const auto* rules = reader.find("validate"))
        layer.config.rules = read_rules(context, *rules, path.key("validate"));
    return layer;
}

ConfigFile read_config_file(const DocumentContext& context, const Node& node) {
    ConfigFile file;
    file.name = context.file.name;
    KeyPath root;
    MapReader reader(context, node, root, "a config file", file_keys);
    if (const auto* config = reader.find("config"))
        file.base = read_config(context, *config, root.key("config"));
    if (const auto* profiles = reader.find("profiles")) {
        file.profiles = read_layers(context, *profiles, root.key("profiles"));
    }
    if (const auto* presets = reader.find("presets")) {
        auto here = root.key("presets");
        file.presets = read_layers(context, *presets, here);
        for (const auto& [name, layer] : file.presets) {
            if (!layer.presets || layer.presets->empty()) continue;
            context.report(here.key(name), layer.presets->front().place, "a preset cannot opt into presets");
        }
    }
    return file;
}

}  // namespace relux::workflow

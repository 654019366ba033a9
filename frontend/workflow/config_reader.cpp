#include "frontend/workflow/config_reader.h"

#include <array>
#include <utility>

namespace relux::workflow {

namespace {

constexpr std::array<std::string_view, 5> config_keys{"http", "postgres", "sqlite", "redis", "vars"};
constexpr std::array<std::string_view, 2> http_keys{"base_url", "headers"};
constexpr std::array<std::string_view, 1> postgres_keys{"dsn"};
constexpr std::array<std::string_view, 1> sqlite_keys{"path"};
constexpr std::array<std::string_view, 1> redis_keys{"addr"};
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
    }
    layer.config.postgres_dsn = read_connection(context, reader, path, "postgres", postgres_keys);
    layer.config.sqlite_path = read_connection(context, reader, path, "sqlite", sqlite_keys);
    layer.config.redis_addr = read_connection(context, reader, path, "redis", redis_keys);
    if (const auto* vars = reader.find("vars")) read_vars(context, *vars, path.key("vars"), layer);
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

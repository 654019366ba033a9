#include "frontend/workflow/config_merge.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>

namespace relux::workflow {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

void each_variable_in(const Value& value, const std::function<void(const Variable&)>& visit) {
    if (const auto* text = std::get_if<Template>(&value.value)) each_variable(*text, visit);
    if (const auto* list = std::get_if<std::vector<Value>>(&value.value)) {
        for (const auto& item : *list)
            each_variable_in(item, visit);
    }
    if (const auto* map = std::get_if<ValueMap>(&value.value)) {
        for (const auto& member : *map)
            each_variable_in(member.value, visit);
    }
}

/// The variables of all layers in one order.
class VariableOrder {
  public:
    explicit VariableOrder(const std::vector<const Config*>& layers) {
        for (std::size_t layer = 0; layer < layers.size(); ++layer)
            add_layer(layers[layer]->vars, layer);
        find_needs();
    }

    std::vector<NamedValue> take() {
        for (std::size_t i = 0; i < entries_.size(); ++i)
            emit(i);
        std::vector<NamedValue> result;
        for (auto index : order_)
            result.push_back(*entries_[index].variable);
        return result;
    }

  private:
    struct Entry {
        const NamedValue* variable;
        std::size_t layer;
        std::size_t position;  ///< in the layer
        std::vector<std::size_t> needs{};
        bool started = false;
    };

    void add_layer(const std::vector<NamedValue>& variables, std::size_t layer) {
        for (std::size_t position = 0; position < variables.size(); ++position) {
            const auto* variable = &variables[position];
            positions_[{layer, variable->name}] = position;
            auto [it, is_new] = index_.emplace(variable->name, entries_.size());
            if (is_new) {
                entries_.push_back({variable, layer, position});
            } else {
                entries_[it->second] = {variable, layer, position};
            }
        }
    }

    /// Finds what a variable uses and has before it in its own layer. That never goes in a circle: a need
    /// leads to an earlier place in the same layer, or to a higher layer.
    void find_needs() {
        for (auto& entry : entries_) {
            each_variable_in(entry.variable->value, [&](const Variable& used) {
                auto own = positions_.find({entry.layer, used.steps.front().name});
                if (own == positions_.end() || own->second >= entry.position) return;
                entry.needs.push_back(index_.at(used.steps.front().name));
            });
        }
    }

    /// Depth first with a stack of its own: a file may chain very many variables.
    void emit(std::size_t first) {
        if (entries_[first].started) return;
        std::vector<std::pair<std::size_t, std::size_t>> path{{first, 0}};
        entries_[first].started = true;
        while (!path.empty()) {
            auto& [index, next] = path.back();
            if (next == entries_[index].needs.size()) {
                order_.push_back(index);
                path.pop_back();
                continue;
            }
            auto need = entries_[index].needs[next++];
            if (std::exchange(entries_[need].started, true)) continue;
            path.emplace_back(need, 0);
        }
    }

    struct PairHash {
        std::size_t operator()(const std::pair<std::size_t, std::string>& key) const {
            return std::hash<std::string>()(key.second) * 31 + key.first;
        }
    };

    std::vector<Entry> entries_;
    std::vector<std::size_t> order_;
    std::unordered_map<std::string, std::size_t> index_;
    std::unordered_map<std::pair<std::size_t, std::string>, std::size_t, PairHash> positions_;
};

void merge_headers(std::vector<NamedText>& headers, const std::vector<NamedText>& later) {
    for (const auto& header : later) {
        auto known = std::find_if(headers.begin(), headers.end(), [&](const NamedText& other) {
            return lower(other.name) == lower(header.name);
        });
        if (known == headers.end()) {
            headers.push_back(header);
        } else {
            *known = header;
        }
    }
}

}  // namespace

void merge_rules(std::vector<VariableRule>& rules, const std::vector<VariableRule>& later) {
    for (const auto& rule : later) {
        const auto known = std::find_if(rules.begin(), rules.end(),
                                        [&](const VariableRule& other) { return other.name == rule.name; });
        if (known == rules.end()) {
            rules.push_back(rule);
        } else {
            *known = rule;
        }
    }
}

Config merge_configs(const std::vector<const Config*>& layers) {
    Config result;
    for (const auto* layer : layers) {
        if (layer->base_url) result.base_url = layer->base_url;
        if (layer->postgres_dsn) result.postgres_dsn = layer->postgres_dsn;
        if (layer->sqlite_path) result.sqlite_path = layer->sqlite_path;
        if (layer->redis_addr) result.redis_addr = layer->redis_addr;
        if (layer->redis_password) result.redis_password = layer->redis_password;
        if (layer->redis_database) result.redis_database = layer->redis_database;
        if (layer->http_debug) result.http_debug = layer->http_debug;
        merge_headers(result.headers, layer->headers);
    }
    result.vars = VariableOrder(layers).take();
    return result;
}

}  // namespace relux::workflow

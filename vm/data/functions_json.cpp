// Functions on JSON: text to values and back, and what lists and maps hold.
#include <unordered_map>

#include "vm/data/call.h"
#include "vm/data/path.h"

namespace relux::data {

namespace {

Result<Json> bounded(const Call& call, Json value) {
    if (auto size = check_size(value); !size) return call.failure("the result has " + size.error().message);
    return value;
}

/// Puts members into a map, the last of a name wins and keeps the first one's place.
class MapBuilder {
  public:
    void set(const std::string& name, const Json& value) {
        auto [place, is_new] = places_.emplace(name, members_.size());
        std::vector<Json::object_t::value_type>& entries = members_;
        if (is_new) {
            entries.emplace_back(name, value);
        } else {
            entries[place->second].second = value;
        }
    }
    Json take() { return Json(std::move(members_)); }

  private:
    Json::object_t members_;
    std::unordered_map<std::string, std::size_t> places_;
};

/// The first argument as what a path is for: JSON text stands for its value.
Result<Json> document(Call& call) {
    const auto* text = text_of(call.any(0));
    if (text == nullptr) return call.any(0);
    auto value = parse_json(*text);
    if (!value) return call.failure("argument 1: " + value.error().message);
    return value;
}

}  // namespace

Result<Json> function_json_stringify(Call& call) {
    return Json(compact_json(call.any(0)));
}

Result<Json> function_json_parse(Call& call) {
    auto value = parse_json(call.text(0));
    if (!value) return call.failure(value.error().message);
    return value;
}

Result<Json> function_json_pick(Call& call) {
    auto path = parse_path(call.text(1));
    if (!path) return call.failure("argument 2: " + path.error().message);
    auto value = document(call);
    if (!value) return value;
    if (auto found = evaluate(*path, *value)) return std::move(*found);
    if (call.count() > 2) return call.any(2);
    return call.failure("nothing at " + to_string(*path));
}

Result<Json> function_json_keys(Call& call) {
    auto keys = Json::array();
    for (const auto& entry : call.map_or_json(0))
        keys.push_back(entry.first);
    return keys;
}

Result<Json> function_json_values(Call& call) {
    auto values = Json::array();
    for (const auto& entry : call.map_or_json(0))
        values.push_back(entry.second);
    return values;
}

Result<Json> function_object(Call& call) {
    if (call.count() % 2 != 0)
        return call.failure("takes keys and values in turn, got a key without a value");
    MapBuilder map;
    for (std::size_t i = 0; i < call.count(); i += 2)
        map.set(std::string(call.text(i)), call.any(i + 1));
    return bounded(call, map.take());
}

Result<Json> function_merge(Call& call) {
    MapBuilder merged;
    for (std::size_t i = 0; i < call.count(); ++i) {
        for (const auto& [name, value] : call.map(i))
            merged.set(name, value);
    }
    return bounded(call, merged.take());
}

}  // namespace relux::data

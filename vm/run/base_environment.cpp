// See base_environment.h.
#include "vm/run/base_environment.h"

namespace relux::run {

std::optional<std::string_view> BaseEnvironment::find(std::string_view name) const {
    if (const auto own = own_.find(name); own != own_.end()) return own->second;
    if (const auto lower = lower_.find(std::string(name)); lower != lower_.end()) return lower->second;
    return std::nullopt;
}

std::string_view BaseEnvironment::provenance(std::string_view name) const {
    if (layer_ == nullptr || own_.contains(name)) return {};
    const auto place = layer_->places.find(name);
    return place == layer_->places.end() ? std::string_view() : std::string_view(place->second);
}

std::vector<std::string> BaseEnvironment::list(
    const std::vector<std::pair<std::string, std::string>>& over) const {
    std::map<std::string_view, std::string_view> merged;
    for (const auto& [name, value] : lower_)
        merged[name] = value;
    for (const auto& [name, value] : over)
        merged[name] = value;
    for (const auto& [name, value] : own_)
        merged[name] = value;
    std::vector<std::string> entries;
    entries.reserve(merged.size());
    for (const auto& [name, value] : merged) {
        std::string entry;
        entry.reserve(name.size() + value.size() + 1);
        entry.append(name).append("=").append(value);
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace relux::run

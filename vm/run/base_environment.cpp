#include "vm/run/base_environment.h"

#include <algorithm>

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

std::vector<report::EnvironmentVariable> BaseEnvironment::variables() const {
    std::vector<report::EnvironmentVariable> variables;
    variables.reserve(lower_.size() + own_.size());
    auto lower = lower_.begin();
    for (const auto& [name, value] : own_) {
        for (; lower != lower_.end() && lower->first < name; ++lower)
            variables.push_back({lower->first, lower->second});
        if (lower != lower_.end() && lower->first == name) ++lower;
        variables.push_back({name, value});
    }
    for (; lower != lower_.end(); ++lower)
        variables.push_back({lower->first, lower->second});
    return variables;
}

std::vector<std::string> BaseEnvironment::list(
    const std::vector<std::pair<std::string, std::string>>& over) const {
    using Variable = std::pair<std::string_view, std::string_view>;
    std::vector<Variable> merged;
    merged.reserve(lower_.size() + over.size() + own_.size());
    for (const auto& [name, value] : lower_)
        merged.emplace_back(name, value);
    const auto set = [&merged](std::string_view name, std::string_view value) {
        const auto at = std::lower_bound(
            merged.begin(), merged.end(), name,
            [](const Variable& variable, std::string_view of) { return variable.first < of; });
        if (at != merged.end() && at->first == name) {
            at->second = value;
        } else {
            merged.emplace(at, name, value);
        }
    };
    for (const auto& [name, value] : over)
        set(name, value);
    for (const auto& [name, value] : own_)
        set(name, value);
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

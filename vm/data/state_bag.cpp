#include "vm/data/state_bag.h"

#include <algorithm>

#include "vm/base/text.h"

namespace relux::data {

namespace {

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known) {
    auto nearest = nearest_name(name, known);
    return nearest.empty() ? "" : "; did you mean `" + visible(nearest, false) + "`?";
}

/// Why `step` finds nothing in `value`, which the message calls `name`.
std::string why_nothing(const Json& value, const PathStep& step, const std::string& name) {
    auto called = "`" + visible(name, false) + "`";
    if (step.kind == PathStep::Kind::Member) {
        const auto* map = value.get_ptr<const Json::object_t*>();
        if (map == nullptr) return called + " is " + type_with_article(value) + ", not a map";
        std::vector<std::string_view> members;
        for (const auto& entry : *map)
            members.push_back(entry.first);
        auto text = called + " has no member `" + visible(step.name, false) + "`";
        return text + did_you_mean(step.name, members);
    }
    if (!value.is_array()) return called + " is " + type_with_article(value) + ", not a list";
    return called + " has " + std::to_string(value.size()) + (value.size() == 1 ? " element" : " elements");
}

/// `variable` is known not to give anything in `value`, the variable itself.
Error undefined(const Path& variable, const Json& value) {
    Path prefix;
    const auto* found = &value;
    std::size_t count = 1;
    for (; count < variable.steps.size(); ++count) {
        prefix.steps = {variable.steps[count]};
        auto next = select(prefix, *found);
        if (next.empty()) break;
        found = next.front();
    }
    auto name = variable_text(variable);
    auto reason = why_nothing(*found, variable.steps[count], variable_text(variable, count));
    return Error{"undefined variable `" + visible(name, false) + "`: " + reason};
}

}  // namespace

void StateBag::set(Layer layer, std::string name, Json value) {
    layers_[static_cast<std::size_t>(layer)].insert_or_assign(std::move(name), std::move(value));
}

void StateBag::remove(Layer layer, std::string_view name) {
    auto& variables = layers_[static_cast<std::size_t>(layer)];
    if (auto found = variables.find(name); found != variables.end()) variables.erase(found);
}

const Json* StateBag::find(std::string_view name) const {
    for (auto variables = layers_.rbegin(); variables != layers_.rend(); ++variables) {
        if (auto found = variables->find(name); found != variables->end()) return &found->second;
    }
    return nullptr;
}

std::optional<StateBag::Layer> StateBag::layer_of(std::string_view name) const {
    for (auto number = layers_.size(); number-- > 0;) {
        if (layers_[number].contains(name)) return static_cast<Layer>(number);
    }
    return std::nullopt;
}

Json StateBag::as_map() const {
    auto map = Json::object();
    for (const auto& variables : layers_) {
        for (const auto& [name, value] : variables)
            map[name] = value;
    }
    return map;
}

Result<Json> StateBag::lookup(const Path& variable) const {
    if (variable.steps.empty() || variable.steps.front().kind != PathStep::Kind::Member) {
        return Error{"`" + to_string(variable) + "` does not start with the name of a variable"};
    }
    const auto& name = variable.steps.front().name;
    const auto* value = find(name);
    if (value == nullptr) {
        auto text = "undefined variable `" + visible(variable_text(variable), false) + "`";
        return Error{text + did_you_mean(name, names())};
    }
    Path rest;
    rest.steps.assign(variable.steps.begin() + 1, variable.steps.end());
    if (auto found = evaluate(rest, *value)) return std::move(*found);
    return undefined(variable, *value);
}

Result<Json> StateBag::lookup(std::string_view variable) const {
    auto path = parse_path(variable);
    if (!path) return Error{"`" + visible(variable, false) + "`: " + path.error().message};
    return lookup(*path);
}

std::vector<std::string_view> StateBag::names() const {
    std::vector<std::string_view> names;
    for (const auto& variables : layers_) {
        for (const auto& entry : variables)
            names.push_back(entry.first);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace relux::data

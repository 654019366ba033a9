#include "vm/data/path.h"

#include <algorithm>
#include <unordered_set>

#include "vm/base/utf8.h"

namespace relux::data {

namespace {

using Values = std::vector<const Json*>;

/// All that `value` holds directly.
void append_children(const Json& value, Values& out) {
    if (const auto* list = value.get_ptr<const Json::array_t*>()) {
        for (const auto& element : *list)
            out.push_back(&element);
    } else if (const auto* map = value.get_ptr<const Json::object_t*>()) {
        for (const auto& [name, member] : *map)
            out.push_back(&member);
    }
}

void append_slice(const Json& value, const PathStep& step, Values& out) {
    const auto* list = value.get_ptr<const Json::array_t*>();
    if (list == nullptr) return;
    auto size = static_cast<std::int64_t>(list->size());
    auto border = [size](std::int64_t place) {
        if (place < -size) return std::int64_t{0};
        return std::min(place < 0 ? place + size : place, size);
    };
    auto end = border(step.end.value_or(size));
    for (auto place = border(step.begin.value_or(0)); place < end; ++place)
        out.push_back(&(*list)[static_cast<std::size_t>(place)]);
}

/// `value` and all within it, in the order of the document, but for what `seen` has: without that, a second
/// `..` would give a value once for each of those that it lies within.
void append_descendants(const Json& value, std::unordered_set<const Json*>& seen, Values& out) {
    Values open{&value};
    Values children;
    while (!open.empty()) {
        const auto* next = open.back();
        open.pop_back();
        if (!seen.insert(next).second) continue;
        out.push_back(next);
        children.clear();
        append_children(*next, children);
        open.insert(open.end(), children.rbegin(), children.rend());
    }
}

void append_found(const Json& value, const PathStep& step, Values& out) {
    switch (step.kind) {
        case PathStep::Kind::Member:
            if (const auto* member = find_member(value, step.name)) out.push_back(member);
            break;
        case PathStep::Kind::Index:
            if (const auto* list = value.get_ptr<const Json::array_t*>()) {
                if (auto place = list_place(step.index, list->size())) out.push_back(&(*list)[*place]);
            }
            break;
        case PathStep::Kind::Wildcard:
            append_children(value, out);
            break;
        case PathStep::Kind::Slice:
            append_slice(value, step, out);
            break;
        case PathStep::Kind::Descend:
            break;  // needs to know of all values at once
    }
}

Values after_step(const Values& values, const PathStep& step) {
    Values found;
    std::unordered_set<const Json*> seen;
    for (const auto* value : values) {
        if (step.kind == PathStep::Kind::Descend) {
            append_descendants(*value, seen, found);
        } else {
            append_found(*value, step, found);
        }
    }
    return found;
}

}  // namespace

Result<Path> parse_path(std::string_view text) {
    auto parsed = value::parse_path(text, value::PathNames::Computed);
    if (auto* path = std::get_if<Path>(&parsed)) return std::move(*path);
    const auto& error = std::get<value::SyntaxError>(parsed);
    const auto column = static_cast<int>(count_characters(text.substr(0, error.offset))) + 1;
    return Error{"column " + std::to_string(column) + ": " + error.message, column};
}

std::vector<const Json*> select(const Path& path, const Json& document) {
    Values values{&document};
    auto step = path.steps.begin();
    if (path.response && find_member(document, step->name) == nullptr) ++step;
    for (; step != path.steps.end() && !values.empty(); ++step)
        values = after_step(values, *step);
    return values;
}

std::optional<Json> evaluate(const Path& path, const Json& document) {
    auto values = select(path, document);
    if (!path.gives_list()) return values.empty() ? std::nullopt : std::optional<Json>(*values.front());
    auto list = Json::array();
    for (const auto* value : values)
        list.push_back(*value);
    return list;
}

std::optional<std::size_t> list_place(std::int64_t index, std::size_t size) {
    auto signed_size = static_cast<std::int64_t>(size);
    if (index < -signed_size || index >= signed_size) return std::nullopt;
    return static_cast<std::size_t>(index < 0 ? index + signed_size : index);
}

}  // namespace relux::data

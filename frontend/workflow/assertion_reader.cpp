// `[path, op, value]`, `[path, not_null]`, `{path, op, value}`.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "frontend/workflow/step_reader.h"

namespace relux::workflow {

namespace {

using value::Operator;

constexpr std::array<std::string_view, 3> assertion_keys{"path", "op", "value"};

/// What a message suggests: the short names first, those of one length by row.
std::vector<std::string_view> suggested_operators() {
    const auto names = value::operator_names();
    std::vector<std::string_view> sorted(names.begin(), names.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](auto left, auto right) { return left.size() < right.size(); });
    return sorted;
}

std::optional<Operator> read_operator(const DocumentContext& context, const Node& node, const KeyPath& path) {
    const auto* name = node.string();
    if (name == nullptr) {
        context.report_type(path, node, "an operator");
        return std::nullopt;
    }
    const auto known = value::find_operator(*name);
    if (!known) {
        context.report(path, node.place,
                       "unknown operator " + shown(*name) + suggestion(*name, suggested_operators()));
    }
    return known;
}

/// The parts, wherever they stand. A null node: reported already.
struct Parts {
    const Node* path = nullptr;
    const Node* op = nullptr;
    const Node* value = nullptr;
    KeyPath path_key, op_key, value_key;
};

bool is_value(const Node& node, LeftSide side) {
    const auto* text = node.string();
    if (text == nullptr) return false;
    const auto open = text->find("{{");
    if (open == std::string::npos) return false;
    if (side == LeftSide::Variables) return !text->starts_with('$');
    return open == 0 && text->find("{{", 2) == std::string::npos && text->find("}}") == text->size() - 2;
}

/// The path or the template on the left.
bool read_left(const DocumentContext& context, const Parts& parts, LeftSide side, Assertion& assertion) {
    if (parts.path == nullptr) return false;
    if (is_value(*parts.path, side)) {
        assertion.left = read_template(context, *parts.path, parts.path_key);
        return assertion.left.has_value();
    }
    auto wanted = read_path(context, *parts.path, parts.path_key);
    if (wanted) assertion.path = std::move(*wanted);
    return wanted.has_value();
}

std::optional<Assertion> make_assertion(const DocumentContext& context, const Node& node, const KeyPath& path,
                                        const Parts& parts, LeftSide side) {
    Assertion assertion;
    assertion.place = node.place;
    const bool wanted = read_left(context, parts, side, assertion);
    auto op = parts.op == nullptr ? std::nullopt : read_operator(context, *parts.op, parts.op_key);
    if (parts.value != nullptr) assertion.expected = read_value(context, *parts.value, parts.value_key);
    if (op && !takes_value(*op) && parts.value != nullptr) {
        context.report(parts.value_key, parts.value->place,
                       "`" + std::string(operator_name(*op)) + "` takes no value");
    } else if (op && takes_value(*op) && parts.value == nullptr) {
        context.report(path, node.place, "`" + parts.op->text + "` needs a value to compare with");
    }
    if (!wanted || !op) return std::nullopt;
    assertion.op = *op;
    return assertion;
}

}  // namespace

std::optional<Assertion> read_assertion(const DocumentContext& context, const Node& node, const KeyPath& path,
                                        LeftSide side) {
    if (node.is_map()) {
        MapReader reader(context, node, path, "an assertion", assertion_keys);
        Parts parts{reader.require("path"), reader.require("op"), reader.find("value"),
                    path.key("path"),       path.key("op"),       path.key("value")};
        return make_assertion(context, node, path, parts, side);
    }
    if (!node.is_list() || node.items.size() < 2 || node.items.size() > 3) {
        std::string found =
            node.is_list() ? "a list of " + std::to_string(node.items.size()) : describe(node);
        context.report(
            path, node.place,
            "must be [path, operator, value], [path, not_null] or {path, op, value}, not " + found);
        return std::nullopt;
    }
    Parts parts{&node.items[0], &node.items[1], node.items.size() == 3 ? &node.items[2] : nullptr,
                path.item(0),   path.item(1),   path.item(2)};
    return make_assertion(context, node, path, parts, side);
}

}  // namespace relux::workflow

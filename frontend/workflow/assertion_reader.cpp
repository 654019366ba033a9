// `[path, op, value]`, `[path, not_null]`, `{path, op, value}`.
#include <array>
#include <utility>

#include "frontend/workflow/step_reader.h"

namespace relux::workflow {

namespace {

using Operator = Assertion::Operator;

struct OperatorName {
    std::string_view name;
    Operator op;
};
constexpr std::array<OperatorName, 17> operators{{
    {"eq", Operator::Eq},
    {"ne", Operator::Ne},
    {"gt", Operator::Gt},
    {"lt", Operator::Lt},
    {"ge", Operator::Ge},
    {"le", Operator::Le},
    {"contains", Operator::Contains},
    {"in", Operator::In},
    {"not_null", Operator::NotNull},
    {"==", Operator::Eq},
    {"=", Operator::Eq},
    {"!=", Operator::Ne},
    {"<>", Operator::Ne},
    {">", Operator::Gt},
    {"<", Operator::Lt},
    {">=", Operator::Ge},
    {"<=", Operator::Le},
}};
constexpr std::array<std::string_view, 9> operator_names{"eq", "ne", "gt",       "lt",      "ge",
                                                         "le", "in", "contains", "not_null"};
constexpr std::array<std::string_view, 3> assertion_keys{"path", "op", "value"};

std::optional<Operator> read_operator(const DocumentContext& context, const Node& node, const KeyPath& path) {
    const auto* name = node.string();
    if (name == nullptr) {
        context.report_type(path, node, "an operator");
        return std::nullopt;
    }
    for (const auto& known : operators) {
        if (known.name == *name) return known.op;
    }
    context.report(path, node.place, "unknown operator " + shown(*name) + suggestion(*name, operator_names));
    return std::nullopt;
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
    if (op == Operator::NotNull && parts.value != nullptr) {
        context.report(parts.value_key, parts.value->place, "`not_null` takes no value");
    } else if (op && op != Operator::NotNull && parts.value == nullptr) {
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

// Walks over the syntax of a module, for the checks that look at every call, pattern or statement wherever it
// stands. Source order within one definition; functions, then effects, then tests.
#pragma once

#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>

#include "frontend/ast.h"

namespace relux::frontend {

/// Holds what ast.def says about a node besides its fields.
template <class Type>
struct NodeRow;
#define STATEMENT(Type, word, operation)                          \
    template <>                                                   \
    struct NodeRow<Type> {                                        \
        static constexpr std::string_view kWord = word;           \
        static constexpr std::string_view kOperation = operation; \
    };
#define NODE(Type)                                         \
    template <>                                            \
    struct NodeRow<Type> {                                 \
        static constexpr std::string_view kWord = {};      \
        static constexpr std::string_view kOperation = {}; \
    };
#include "frontend/ast.def"

template <class T>
concept AnyNode = requires {
    NodeRow<T>::kWord;
};

/// for_each_field(node, f) calls f(member, text) for each field, in the order of ast.def; `text` is that of
/// FIELD_OR, else empty.
#define NODE(Type)     \
    template <class F> \
    void for_each_field(const Type& node, F&& f) {
#define FIELD(Type, member, initial) f(node.member, std::string_view());
#define FIELD_OR(Type, member, text) f(node.member, std::string_view(text));
#define NODE_END(Type) }
#include "frontend/ast.def"

template <AnyNode Node, class F>
void for_each_node(const Node& node, F&& f);

/// f(node) for every node in what is no node itself; see below.
template <class T, class F>
void for_each_node(const T&, F&&) {}
template <class... T, class F>
void for_each_node(const std::variant<T...>& alternatives, F&& f) {
    std::visit([&](const auto& node) { for_each_node(node, f); }, alternatives);
}
template <class T, class F>
void for_each_node(const std::optional<T>& value, F&& f) {
    if (value) for_each_node(*value, f);
}
template <class T, class F>
void for_each_node(const List<T>& list, F&& f) {
    for (const T& element : list)
        for_each_node(element, f);
}

/// f(node) for the node and every one in it, in source order, the outer one first. An `f` that returns false
/// keeps the walk out of what is in that node.
template <AnyNode Node, class F>
void for_each_node(const Node& node, F&& f) {
    if constexpr (std::is_same_v<decltype(f(node)), bool>) {
        if (!f(node)) return;
    } else {
        f(node);
    }
    for_each_field(node, [&](const auto& member, std::string_view) { for_each_node(member, f); });
}

/// f(node) for every node of the module but for its imports.
template <class F>
void for_each_node(const ModuleSyntax& module, F&& f) {
    for_each_node(module.functions, f);
    for_each_node(module.effects, f);
    for_each_node(module.tests, f);
}

/// f(node) for every node of the type, wherever it stands.
template <AnyNode Wanted, class From, class F>
void for_each(const From& from, F&& f) {
    for_each_node(from, [&]<class Node>(const Node& node) {
        if constexpr (std::is_same_v<Node, Wanted>) f(node);
    });
}

/// f(call, range) for every call in it, the outer one first.
template <class From, class F>
void for_each_call(const From& from, F&& f) {
    for_each<Expression>(from, [&](const Expression& expression) {
        if (const auto* call = std::get_if<CallExpression>(&expression.node)) f(*call, expression.range);
    });
}

template <class Node>
concept HasPattern = requires(const Node& node) {
    requires std::is_same_v<decltype(Node::kind), PatternKind>;
    node.pattern;
};
/// Null when there is none.
inline const Text* text_of(const Text& text) {
    return &text;
}
inline const Text* text_of(const std::optional<Text>& text) {
    return text ? &*text : nullptr;
}

/// f(kind, text) for every pattern of the statement.
template <class F>
void for_each_pattern(const Statement& statement, F&& f) {
    for_each_node(statement, [&]<class Node>(const Node& node) {
        if constexpr (HasPattern<Node>) {
            if (const Text* text = text_of(node.pattern)) f(node.kind, *text);
        }
    });
}

/// The match that a statement is, or that its value is; else null.
inline const Match* match_of(const Statement& statement) {
    if (const auto* match = std::get_if<Match>(&statement.node)) return match;
    if (const auto* let = std::get_if<Let>(&statement.node))
        return let->value ? std::get_if<Match>(&*let->value) : nullptr;
    if (const auto* assign = std::get_if<Assign>(&statement.node)) return std::get_if<Match>(&assign->value);
    return nullptr;
}

inline const Send* send_of(const Statement& statement) {
    if (const auto* send = std::get_if<Send>(&statement.node)) return send;
    if (const auto* let = std::get_if<Let>(&statement.node))
        return let->value ? std::get_if<Send>(&*let->value) : nullptr;
    if (const auto* assign = std::get_if<Assign>(&statement.node)) return std::get_if<Send>(&assign->value);
    return nullptr;
}

/// f(text) for every regular expression of the statement.
template <class F>
void for_each_regex(const Statement& statement, F&& f) {
    for_each_pattern(statement, [&](PatternKind kind, const Text& pattern) {
        if (kind == PatternKind::Regex) f(pattern);
    });
}

/// f(statement) for every statement, of a scope: in declarations, shell blocks and the cleanup.
template <class From, class F>
void for_each_statement(const From& from, F&& f) {
    for_each<Statement>(from, f);
}

template <class F>
void for_each_marker(const ModuleSyntax& module, F&& f) {
    for_each<MarkerSyntax>(module, f);
}

}  // namespace relux::frontend

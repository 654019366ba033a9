// Walks over the syntax of a module, for the checks that look at every call, pattern or statement wherever it
// stands. Source order within one definition; functions, then effects, then tests.
#pragma once

#include <variant>

#include "frontend/ast.h"

namespace relux::frontend {

/// f(call, range) for every call in the expression, the outer one first.
template <class F>
void for_each_call(const Expression& expression, F&& f) {
    const auto* call = std::get_if<CallExpression>(&expression.node);
    if (call == nullptr) return;
    f(*call, expression.range);
    for (const Expression& argument : call->arguments)
        for_each_call(argument, f);
}

template <class F>
void for_each_call(const BindingValue& value, F&& f) {
    if (const auto* expression = std::get_if<Expression>(&value)) for_each_call(*expression, f);
}

template <class F>
void for_each_call(const Statement& statement, F&& f) {
    if (const auto* let = std::get_if<Let>(&statement.node)) {
        if (let->value) for_each_call(*let->value, f);
    } else if (const auto* assign = std::get_if<Assign>(&statement.node)) {
        for_each_call(assign->value, f);
    } else if (const auto* assertion = std::get_if<Assertion>(&statement.node)) {
        for_each_call(assertion->value, f);
    } else if (const auto* expression = std::get_if<ExpressionStatement>(&statement.node)) {
        for_each_call(expression->expression, f);
    }
}

template <class F>
void for_each_call(const MarkerSyntax& marker, F&& f) {
    if (marker.left) for_each_call(*marker.left, f);
    if (marker.right) for_each_call(*marker.right, f);
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
    if (const Match* match = match_of(statement)) {
        if (match->kind == PatternKind::Regex && match->pattern) f(*match->pattern);
    } else if (const auto* multi = std::get_if<MultiMatch>(&statement.node)) {
        for (const MultiMatchEntry& entry : multi->entries) {
            if (entry.kind == PatternKind::Regex) f(entry.pattern);
        }
    } else if (const auto* fail = std::get_if<FailPattern>(&statement.node)) {
        if (fail->kind == PatternKind::Regex && fail->pattern) f(*fail->pattern);
    } else if (const auto* assertion = std::get_if<Assertion>(&statement.node)) {
        if (assertion->kind == PatternKind::Regex) f(assertion->pattern);
    }
}

/// f(statement) for every statement of a test or effect: declarations, shell blocks, cleanup.
template <class F>
void for_each_statement(const ScopeBody& body, F&& f) {
    for (const Statement& statement : body.declarations)
        f(statement);
    for (const ShellBlock& shell : body.shells) {
        for (const Statement& statement : shell.body)
            f(statement);
    }
    if (body.cleanup) {
        for (const Statement& statement : *body.cleanup)
            f(statement);
    }
}

template <class F>
void for_each_statement(const ModuleSyntax& module, F&& f) {
    for (const FunctionSyntax& function : module.functions) {
        for (const Statement& statement : function.body)
            f(statement);
    }
    for (const EffectSyntax& effect : module.effects)
        for_each_statement(effect.body, f);
    for (const TestSyntax& test : module.tests)
        for_each_statement(test.body, f);
}

template <class F>
void for_each_marker(const ModuleSyntax& module, F&& f) {
    for (const FunctionSyntax& function : module.functions) {
        for (const MarkerSyntax& marker : function.markers)
            f(marker);
    }
    for (const EffectSyntax& effect : module.effects) {
        for (const MarkerSyntax& marker : effect.markers)
            f(marker);
    }
    for (const TestSyntax& test : module.tests) {
        for (const MarkerSyntax& marker : test.markers)
            f(marker);
    }
}

}  // namespace relux::frontend

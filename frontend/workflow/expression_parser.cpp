// Recursive descent; the depth of nested calls is limited, so is the stack. The words of the errors expect
// people who know other template languages: pipes, leading dots, operators.
#include "frontend/workflow/expression_parser.h"

#include <utility>

#include "frontend/workflow/problem.h"

namespace relux::workflow {

using value::is_digit;
using value::is_name_part;
using value::is_name_start;
using value::PathStep;
using value::TextCursor;

namespace {

constexpr int deepest_call = 50;

}  // namespace

bool ExpressionParser::fail(std::size_t offset, std::string message) {
    error_ = {offset, std::move(message)};
    return false;
}

bool ExpressionParser::parse(std::size_t begin, Expression& result) {
    cursor_.go_back(begin);
    cursor_.skip_spaces();
    if (cursor_.peek() == '}' && cursor_.peek(1) == '}') return fail_here("nothing between `{{` and `}}`");
    if (!expression(result, 0)) return false;
    cursor_.skip_spaces();
    return cursor_.take("}}") || fail_unexpected();
}

bool ExpressionParser::parse_variable_alone(Variable& result) {
    auto name = cursor_.take_name();
    if (name.empty()) return fail_here("a variable's name is wanted, not " + cursor_.shown_here());
    if (!variable(name, result)) return false;
    return cursor_.done() || fail_here("unexpected " + cursor_.shown_here() + " after the variable");
}

void ExpressionParser::recover(std::size_t begin) {
    cursor_.go_back(begin);
    while (!cursor_.done() && !cursor_.take("}}"))
        cursor_.skip();
}

bool ExpressionParser::fail_unexpected() {
    if (cursor_.done()) return fail_here("the `}}` is missing");
    if (cursor_.peek() == '|') return fail_here("there are no pipes; write a call, as in `upper(name)`");
    if (cursor_.peek() == '(') return fail_here("only functions can be called");
    if (std::string_view("+-*/%<>=!&?").find(cursor_.peek()) != std::string_view::npos) {
        return fail_here("there are no operators; use functions, as in `add(a, 1)`");
    }
    return fail_here("`}}` is wanted, not " + cursor_.shown_here());
}

bool ExpressionParser::expression(Expression& result, int depth) {
    if (depth > deepest_call)
        return fail_here("calls nest too deeply: at most " + std::to_string(deepest_call));
    cursor_.skip_spaces();
    result.place = place_of_(cursor_.at());
    char next = cursor_.peek();
    if (next == '"' || next == '\'') return string_literal(result);
    if (is_digit(next) || next == '-') return number_literal(result);
    if (!cursor_.done() && is_name_start(next)) return word(result, depth);
    if (next == '.')
        return fail_here("a variable has no dot in front: write `name`; for `{{` itself write {{ \"{{\" }}");
    if (next == '$')
        return fail_here("a template takes a variable, not a path: write `name`, as in `user.id`");
    if (cursor_.done()) return fail_here("the `}}` is missing");
    return fail_here("a variable, a function or a literal is wanted, not " + cursor_.shown_here());
}

bool ExpressionParser::string_literal(Expression& result) {
    auto begin = cursor_.at();
    std::string value;
    switch (cursor_.take_string(value)) {
        case TextCursor::StringEnd::Open:
            return fail(begin, "the string is not ended");
        case TextCursor::StringEnd::BadEscape:
            return fail_here("an unknown escape; known are \\\\ \\\" \\' \\/ \\n \\r \\t \\b \\f \\uXXXX");
        case TextCursor::StringEnd::Closed:
            break;
    }
    result.value = Scalar(std::move(value));
    return true;
}

bool ExpressionParser::number_literal(Expression& result) {
    auto begin = cursor_.at();
    auto number = cursor_.take_number();
    if (!number) return fail_here("a number is wanted after `-`");
    if (!cursor_.done() && is_name_part(cursor_.peek()))
        return fail(begin, "a name cannot begin with a digit");
    Scalar value;
    if (const auto* fault = core_scalar(number->text, value)) return fail(begin, fault);
    result.value = std::move(value);
    return true;
}

bool ExpressionParser::word(Expression& result, int depth) {
    auto begin = cursor_.at();
    auto name = cursor_.take_name();
    auto behind = cursor_.at();
    cursor_.skip_spaces();
    if (cursor_.take('(')) return call(name, begin, result, depth);
    // `upper x` is `upper(x)`.
    if (cursor_.at() > behind && begins_argument() && value::find_function(name) != nullptr) {
        std::vector<Expression> arguments;
        return blank_arguments(arguments, depth) && finish_call(name, begin, std::move(arguments), result);
    }
    cursor_.go_back(behind);
    return named(name, result);
}

/// A literal or a variable.
bool ExpressionParser::named(std::string_view name, Expression& result) {
    bool alone = cursor_.peek() != '.' && cursor_.peek() != '[';
    if (alone && (name == "true" || name == "false")) {
        result.value = Scalar(name == "true");
        return true;
    }
    if (alone && name == "null") {
        result.value = Scalar(std::monostate{});
        return true;
    }
    Variable found;
    if (!variable(name, found)) return false;
    result.value = std::move(found);
    return true;
}

bool ExpressionParser::call(std::string_view name, std::size_t begin, Expression& result, int depth) {
    const bool blank = begin + name.size() + 1 < cursor_.at();
    if (value::find_function(name) == nullptr)
        return fail(begin, "unknown function " + shown(name) + suggestion(name, value::function_names()));
    std::vector<Expression> found;
    if (!arguments(name, found, depth)) return false;
    // `add (len x) 1`: what stood in parentheses was the first argument alone.
    const auto behind = cursor_.at();
    cursor_.skip_spaces();
    const bool goes_on = blank && found.size() == 1 && begins_argument();
    if (!goes_on) cursor_.go_back(behind);
    if (goes_on && !blank_arguments(found, depth)) return false;
    return finish_call(name, begin, std::move(found), result);
}

/// An expression can begin here.
bool ExpressionParser::begins_argument() const {
    const char next = cursor_.peek();
    return !cursor_.done() && (next == '"' || next == '\'' || next == '(' || next == '-' || is_digit(next) ||
                               is_name_start(next));
}

/// Literals, variables, calls and expressions in parentheses, with blanks between them.
bool ExpressionParser::blank_arguments(std::vector<Expression>& arguments, int depth) {
    for (; begins_argument(); cursor_.skip_spaces()) {
        auto& argument = arguments.emplace_back();
        const auto begin = cursor_.at();
        if (cursor_.take('(')) {
            if (!expression(argument, depth + 1)) return false;
            cursor_.skip_spaces();
            if (!cursor_.take(')')) return fail_here("`)` is wanted, not " + cursor_.shown_here());
            continue;
        }
        if (!is_name_start(cursor_.peek())) {
            if (!expression(argument, depth + 1)) return false;
            continue;
        }
        // A name alone is a variable: a function's own arguments stand in parentheses.
        argument.place = place_of_(begin);
        const auto name = cursor_.take_name();
        const bool is_call = cursor_.peek() == '(';
        if (is_call) cursor_.go_back(begin);
        if (is_call ? !expression(argument, depth + 1) : !named(name, argument)) return false;
    }
    return true;
}

bool ExpressionParser::finish_call(std::string_view name, std::size_t begin,
                                   std::vector<Expression> arguments, Expression& result) {
    const auto* function = value::find_function(name);
    Call found;
    found.function = function->id;
    found.arguments = std::move(arguments);
    auto count = found.arguments.size();
    if (!function->takes(count)) {
        return fail(begin, std::string(name) + " takes " + function->arity_text() + ", not " +
                               std::to_string(count) + ": " + std::string(function->doc));
    }
    if (function->id == value::FunctionId::object && count % 2 != 0) {
        return fail(begin, "object takes keys and values in pairs, not " + std::to_string(count) +
                               (count == 1 ? " argument" : " arguments"));
    }
    result.value = std::move(found);
    return true;
}

bool ExpressionParser::arguments(std::string_view name, std::vector<Expression>& arguments, int depth) {
    cursor_.skip_spaces();
    if (cursor_.take(')')) return true;
    while (true) {
        if (!expression(arguments.emplace_back(), depth + 1)) return false;
        cursor_.skip_spaces();
        if (cursor_.take(')')) return true;
        if (cursor_.take(',')) continue;
        auto of = " in the arguments of " + std::string(name);
        if (cursor_.done() || cursor_.peek() == '}') return fail_here("`)` is missing" + of);
        return fail_here("`,` or `)` is wanted, not " + cursor_.shown_here() + of);
    }
}

bool ExpressionParser::variable(std::string_view name, Variable& result) {
    result.steps.push_back(PathStep::member(std::string(name)));
    while (!cursor_.done() && (cursor_.peek() == '.' || cursor_.peek() == '[')) {
        if (!variable_step(result)) return false;
    }
    return true;
}

bool ExpressionParser::variable_step(Variable& result) {
    if (cursor_.take('[')) return bracket(result);
    cursor_.skip();
    auto begin = cursor_.at();
    while (!cursor_.done() && is_name_part(cursor_.peek()))
        cursor_.skip();
    auto name = cursor_.since(begin);
    if (name.empty()) return fail_here("a name is wanted after `.`, not " + cursor_.shown_here());
    result.steps.push_back(PathStep::member(std::string(name)));
    return true;
}

bool ExpressionParser::bracket(Variable& result) {
    cursor_.skip_spaces();
    auto begin = cursor_.at();
    if (cursor_.peek() == '"' || cursor_.peek() == '\'') {
        Expression name;
        if (!string_literal(name)) return false;
        result.steps.push_back(
            PathStep::member(std::get<std::string>(std::get<Scalar>(std::move(name.value)))));
    } else {
        auto number = cursor_.take_number();
        if (!number)
            return fail_here("a number or a quoted name is wanted after `[`, not " + cursor_.shown_here());
        auto index = number->fraction ? std::nullopt : value::to_integer(number->text);
        if (!index) return fail(begin, "an index is a whole number of 64 bits");
        result.steps.push_back(PathStep::element(*index));
    }
    cursor_.skip_spaces();
    return cursor_.take(']') || fail_here("`]` is wanted, not " + cursor_.shown_here());
}

}  // namespace relux::workflow

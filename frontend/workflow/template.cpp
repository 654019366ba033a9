#include "frontend/workflow/template.h"

#include <utility>

#include "frontend/workflow/expression_parser.h"

namespace relux::workflow {

namespace {

void visit_expression(const Expression& expression, const std::function<void(const Variable&)>& visit) {
    if (const auto* variable = std::get_if<Variable>(&expression.value)) visit(*variable);
    if (const auto* call = std::get_if<Call>(&expression.value)) {
        for (const auto& argument : call->arguments)
            visit_expression(argument, visit);
    }
}

}  // namespace

const std::string* Template::text() const {
    static const std::string empty;
    if (parts.empty()) return &empty;
    return parts.size() == 1 ? std::get_if<std::string>(&parts[0]) : nullptr;
}

const Expression* Template::expression() const {
    return parts.size() == 1 ? std::get_if<Expression>(&parts[0]) : nullptr;
}

Template parse_template(std::string_view text, const PlaceOf& place_of, std::vector<SyntaxError>& errors) {
    Template result;
    result.place = place_of(0);
    result.source = std::string(text);
    for (std::size_t at = 0; at < text.size();) {
        auto open = text.find("{{", at);
        auto literal = text.substr(at, open == std::string_view::npos ? open : open - at);
        if (!literal.empty()) result.parts.emplace_back(std::string(literal));
        if (open == std::string_view::npos) break;
        ExpressionParser parser(text, place_of);
        Expression expression;
        if (parser.parse(open + 2, expression)) {
            result.parts.emplace_back(std::move(expression));
        } else {
            errors.push_back(parser.error());
            parser.recover(open + 2);
        }
        at = parser.end();
    }
    return result;
}

std::variant<Variable, SyntaxError> parse_variable(std::string_view text) {
    Variable variable;
    PlaceOf nowhere = [](std::size_t) { return Place{}; };
    ExpressionParser parser(text, nowhere);
    if (parser.parse_variable_alone(variable)) return variable;
    return parser.error();
}

void each_variable(const Template& text, const std::function<void(const Variable&)>& visit) {
    for (const auto& part : text.parts) {
        if (const auto* expression = std::get_if<Expression>(&part)) visit_expression(*expression, visit);
    }
}

}  // namespace relux::workflow

// One expression of a template, between its `{{` and `}}`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "frontend/workflow/template.h"
#include "vm/value/text_cursor.h"

namespace relux::workflow {

class ExpressionParser {
  public:
    ExpressionParser(std::string_view text, const PlaceOf& place_of) : cursor_(text), place_of_(place_of) {}

    /// Parses from `begin`, just behind `{{`, through `}}`. False when that failed: see error().
    bool parse(std::size_t begin, Expression& expression);
    /// Parses a variable that is all of the text.
    bool parse_variable_alone(Variable& variable);
    const SyntaxError& error() const { return error_; }
    /// Behind the `}}`; after a failure, where to go on.
    std::size_t end() const { return cursor_.at(); }
    /// After a failure: moves behind the `}}` that ends this expression, or to the end of the text.
    void recover(std::size_t begin);

  private:
    bool fail(std::size_t offset, std::string message);
    bool fail_here(std::string message) { return fail(cursor_.at(), std::move(message)); }
    bool expression(Expression& expression, int depth);
    bool string_literal(Expression& expression);
    bool number_literal(Expression& expression);
    bool word(Expression& expression, int depth);
    bool call(std::string_view name, std::size_t begin, Expression& expression, int depth);
    bool arguments(std::string_view name, std::vector<Expression>& arguments, int depth);
    bool blank_arguments(std::vector<Expression>& arguments, int depth);
    bool begins_argument() const;
    bool named(std::string_view name, Expression& expression);
    bool finish_call(std::string_view name, std::size_t begin, std::vector<Expression> arguments,
                     Expression& expression);
    bool variable(std::string_view name, Variable& variable);
    bool variable_step(Variable& variable);
    bool bracket(Variable& variable);
    bool fail_unexpected();

    value::TextCursor cursor_;
    const PlaceOf& place_of_;
    SyntaxError error_;
};

}  // namespace relux::workflow

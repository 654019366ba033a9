// Templates at run time: text with `{{ ... }}` parts, already parsed, rendered once against a state bag.
// Nothing is escaped, and what a variable holds is never read as a template again.
//
// Where the result is text, use render_text: url, query, headers, a body that is a string, command and
// commands, dir, message, file. Where it is a value, use render_value, in which a template that is one `{{
// ... }}` and nothing else keeps the type of its value: expected values of assertions and conditions, members
// of a body that is a map or a list, `with`, `returns`, `config.vars`. `"{{ active }}"` then equals true,
// which no text does.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "vm/base/result.h"
#include "vm/data/function.h"
#include "vm/data/json.h"
#include "vm/data/path.h"
#include "vm/data/state_bag.h"

namespace relux::data {

/// A string as it is, numbers without `.0`, null empty, lists and maps as compact JSON.
std::string render_text(const Json& value);
void append_text(std::string& out, const Json& value);

struct Expression;

struct FunctionCall {
    FunctionId function{};
    std::vector<Expression> arguments;
};

/// A literal, a variable, or a function of expressions.
struct Expression {
    std::variant<Json, Path, FunctionCall> content;
};

/// Text and expressions in turn, in any number.
struct Template {
    std::vector<std::variant<std::string, Expression>> parts;
};

/// Fails for a name that is not defined, a function that fails, and a text beyond kMaximumBytes.
Result<Json> evaluate(const Expression& expression, const StateBag& variables, Context& context);
Result<std::string> render_text(const Template& source, const StateBag& variables, Context& context);
Result<Json> render_value(const Template& source, const StateBag& variables, Context& context);

/// For those who evaluate the parts themselves: the texts of the values in a row, or an error when that is
/// beyond kMaximumBytes.
Result<std::string> join_texts(std::span<const Json> parts);

}  // namespace relux::data

// Texts with `{{ expression }}` in them, as trees. An expression is a variable (`user.names[0]`), a literal
// or a call of a function in vm/value/functions.def. What a name means is found out when the template is
// rendered, not here.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "frontend/workflow/place.h"
#include "frontend/workflow/yaml.h"
#include "vm/value/function.h"
#include "vm/value/path.h"

namespace relux::workflow {

/// `user.names[0]`: a name of the state bag, then members and elements.
using Variable = value::Path;

using value::SyntaxError;

struct Expression;

struct Call {
    value::FunctionId function{};
    std::vector<Expression> arguments;
};

struct Expression {
    Place place;
    std::variant<Scalar, Variable, Call> value;
};

struct Template {
    Place place;
    std::string source;                                        ///< as written
    std::vector<std::variant<std::string, Expression>> parts;  ///< none: the empty text

    /// The text when there is nothing to render in it, else null.
    const std::string* text() const;
    /// The expression when the template is nothing else: `{{ x }}`, where a value may keep its type. Else
    /// null.
    const Expression* expression() const;
};

/// Where byte `offset` of a text stands in its file.
using PlaceOf = std::function<Place(std::size_t offset)>;

/// Parses every `{{ }}`; each one that is wrong adds an error and is left out. `{{` is the text's beginning
/// of an expression wherever it stands; the two characters themselves are written `{{ "{{" }}`.
Template parse_template(std::string_view text, const PlaceOf& place_of, std::vector<SyntaxError>& errors);

/// A variable alone, as `foreach` names its list.
std::variant<Variable, SyntaxError> parse_variable(std::string_view text);

/// Calls `visit` for every variable in the template.
void each_variable(const Template& text, const std::function<void(const Variable&)>& visit);

}  // namespace relux::workflow

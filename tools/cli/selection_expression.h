// The expressions of `--filter`: which tests, by `path::name`. Knows neither files nor programs.
//
//   expression := conjunction ("or" conjunction)*      conjunction := negation ("and" negation)*
//   negation   := "not" negation | "(" expression ")" | term
//   term       := /regex/ | "text" | 'text' | word
//
// A word or text with `*`, `?` or `[` is a glob over the whole of `path::name`, in which `*` takes `/` too;
// any other is searched for. A regex is searched for, with `\/` for a slash. Upper and lower case differ.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "vm/base/result.h"

namespace relux::cli {

class SelectionExpression {
  public:
    /// The error is a sentence with a column (from 1), then the expression and a caret below that column.
    static Result<SelectionExpression> parse(std::string_view text);

    SelectionExpression(SelectionExpression&&) noexcept;
    SelectionExpression& operator=(SelectionExpression&&) noexcept;
    ~SelectionExpression();

    bool matches(std::string_view subject) const;

    struct Node;  ///< for the implementation

  private:
    explicit SelectionExpression(std::unique_ptr<Node> root);
    std::unique_ptr<Node> root_;
};

/// Whether `glob` covers all of `text`: `*` any bytes, `?` one byte, `[a-z]` and `[!a-z]` one of a set.
bool glob_matches(std::string_view glob, std::string_view text);

}  // namespace relux::cli

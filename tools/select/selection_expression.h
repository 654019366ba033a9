// The expressions of `--filter`: which tests, by `path::name`. Knows neither files nor programs.
//
//   expression := conjunction ("or" conjunction)*      conjunction := negation ("and" negation)*
//   negation   := "not" negation | "(" expression ")" | term
//   term       := /regex/ | "text" | 'text' | word
//
// A word or text with `*`, `?` or `[` is a glob (vm/base/glob.h) over the whole of `path::name`, in which `*`
// takes `/` too;
// any other is searched for. A regex is searched for, with `\/` for a slash. Upper and lower case differ. A
// term with the end of a file's name and a slash, `smoke.relux/task`, is also compared with `path/slug`,
// which is what the console shows.
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

    /// Whether a term is of the form that tests have on the console, `path/slug`.
    bool reads_shown_names() const;
    /// `key` is `path::name`; `shown` is `path/slug`, of no interest unless reads_shown_names().
    bool matches(std::string_view key, std::string_view shown = {}) const;

    struct Node;  ///< for the implementation

  private:
    explicit SelectionExpression(std::unique_ptr<Node> root);
    std::unique_ptr<Node> root_;
};

}  // namespace relux::cli

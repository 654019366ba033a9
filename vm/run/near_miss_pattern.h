// Regular expressions, changed a little as texts, to find out what keeps one from matching. A change that
// makes no valid expression does no harm: it does not compile, and is no near miss.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relux::run {

/// The expression that finds exactly this text.
std::string quoted_regex(std::string_view literal);

/// `^` at its beginning, `$` at its end, neither of them escaped.
bool has_begin_anchor(std::string_view regex);
bool has_end_anchor(std::string_view regex);
std::string without_begin_anchor(std::string_view regex);
std::string without_end_anchor(std::string_view regex);

/// The expression that takes all but its anchors for a literal text; nothing when that is the same.
std::optional<std::string> taken_literally(std::string_view regex);
/// The characters in it that mean something else in an expression, each once, in order.
std::string special_characters(std::string_view regex);

// Nothing when there is nothing to change.
std::optional<std::string> with_any_spaces(std::string_view regex);
std::optional<std::string> with_spaces_for_tabs_in_regex(std::string_view regex);
std::optional<std::string> with_spaces_before_line_end(std::string_view regex);
std::optional<std::string> with_spaces_after_line_begin(std::string_view regex);
std::optional<std::string> without_spaces_at_end(std::string_view regex);

/// Letters and digits that it looks for as they are: a measure of how much it says.
std::size_t literal_size(std::string_view regex);
/// Where it can be cut, from the end to the beginning: between its parts, outside of groups and classes.
std::vector<std::size_t> cuts(std::string_view regex);

}  // namespace relux::run

// Paths into JSON documents: `$`, `$.a.b`, `[n]`, `[-1]`, `[*]`, `[a:b]`, `..name`, `["quoted"]`, and `a.b`
// for `$.a.b`. Text to steps only; what a path finds in a document is not known here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace relux::workflow {

struct PathStep {
    enum class Kind : std::uint8_t {
        Member,    ///< `.name`, `["name"]`: of a map
        Index,     ///< `[3]`, `[-1]`: of a list, from the end when negative
        Wildcard,  ///< `[*]`, `.*`: every element or value
        Slice,     ///< `[a:b]`: elements from a to before b, either may be left out or negative
        Descend,   ///< `..`: the value and all within it, for the step that follows
    };
    Kind kind = Kind::Member;
    std::string name;                   ///< Member
    std::int64_t index = 0;             ///< Index
    std::optional<std::int64_t> begin;  ///< Slice
    std::optional<std::int64_t> end;    ///< Slice

    bool operator==(const PathStep&) const = default;
};

struct Path {
    std::vector<PathStep> steps;  ///< none: the whole document
    bool shorthand = false;       ///< written without `$`

    /// Wildcard, slice or descent: the result is always a list.
    bool gives_list() const;
    bool operator==(const Path&) const = default;
};

/// Says what is wrong at a byte of a small text: a path, a template.
struct SyntaxError {
    std::size_t offset = 0;
    std::string message;
};

/// The path, or the first mistake in it.
std::variant<Path, SyntaxError> parse_path(std::string_view text);

/// The path in its full form, which parse_path reads back: `$.a["b c"][0]`.
std::string to_string(const Path& path);

}  // namespace relux::workflow

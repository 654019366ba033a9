// Paths into documents (workflows 4): `$`, `$.a.b`, `[n]`, `[-1]`, `[*]`, `[a:b]`, `..name`, `["a b"]`. Their
// text and their steps; what a path finds is known in vm/data.
//
// Without `$` a path starts with a name or a bracket: `data.token` is `$.data.token`, `[0].id` is `$[0].id`.
// `res` at the front of such a path is the document itself (`res.status` is `$.status`), unless the document
// is a map that has a member `res`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace relux::value {

/// Leads from a value to others: to at most one by a member or an index, to any number by the rest.
struct PathStep {
    enum class Kind : std::uint8_t {
        Member,    ///< of a map: `.name`, `["name"]`
        Index,     ///< of a list, from its end when negative: `[3]`, `[-1]`
        Wildcard,  ///< all elements of a list, all members of a map: `[*]`, `.*`
        Slice,     ///< of a list, from `begin` up to, not including, `end`; negative counts from the end:
                   ///< `[a:b]`
        Descend,   ///< the value and all within it, each once, in the order of the document: `..`
    };
    Kind kind = Kind::Member;
    std::string name;        ///< of a member
    std::int64_t index = 0;  ///< of an index
    std::optional<std::int64_t> begin;
    std::optional<std::int64_t> end;

    static PathStep member(std::string name);
    static PathStep element(std::int64_t index);
    bool operator==(const PathStep&) const = default;
};

struct Path {
    std::vector<PathStep> steps;  ///< none: the whole document
    /// Written as `res...`: the first step is the member `res`, which may mean the document itself.
    bool response = false;

    /// True when the path gives a list whatever it finds: a wildcard, a slice or `..` is in it.
    bool gives_list() const;
    bool operator==(const Path&) const = default;
};

/// Says what is wrong at a byte of a small text: a path, a template.
struct SyntaxError {
    std::size_t offset = 0;
    std::string message;
};

/// Says what a name may hold without quotes.
enum class PathNames : std::uint8_t {
    Written,   ///< what those of variables do, and what APIs put into keys: in a file, the rest is a mistake
    Computed,  ///< anything but white space, control characters and what paths or templates give a meaning
};

/// The path, or the first mistake in it. White space around one that was computed does not count.
std::variant<Path, SyntaxError> parse_path(std::string_view text, PathNames names);

/// With `$`, or with `res`, such that parse_path gives the same path again: `$.a["b c"][0]`.
std::string to_string(const Path& path);
/// The first `count` steps of a variable's path, without `$.`: `user.names[0]`.
std::string variable_text(const Path& path, std::size_t count = SIZE_MAX);
/// The same of all steps, as it may stand in a file.
std::string written_variable(const Path& path);

}  // namespace relux::value

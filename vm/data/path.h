// Paths into a JSON document (workflows 4): `$`, `$.a.b`, `[n]`, `[-1]`, `[*]`, `[a:b]`, `..name`, `["a b"]`.
// A path is parsed once and used often; using it never fails, it finds something or not.
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
#include <vector>

#include "vm/base/result.h"
#include "vm/data/json.h"

namespace relux::data {

/// From a value to others: to at most one by a member or an index, to any number by the rest.
struct Step {
    enum class Kind : std::uint8_t {
        Member,    ///< of a map
        Index,     ///< of a list, from its end when negative
        Wildcard,  ///< all elements of a list, all members of a map
        Slice,     ///< of a list, from `begin` up to, not including, `end`; negative counts from the end
        Descend,   ///< the value and all within it, each once, in the order of the document
    };
    Kind kind = Kind::Member;
    std::string name;        ///< of a member
    std::int64_t index = 0;  ///< of an index
    std::optional<std::int64_t> begin;
    std::optional<std::int64_t> end;

    static Step member(std::string name);
    static Step element(std::int64_t index);
    friend bool operator==(const Step&, const Step&) = default;
};

struct Path {
    std::vector<Step> steps;
    /// Written as `res...`: the first step is the member `res`, which may mean the document itself.
    bool response = false;

    /// True when the path gives a list whatever it finds: a wildcard, a slice or `..` is in it.
    bool gives_list() const;
    friend bool operator==(const Path&, const Path&) = default;
};

/// The error is "column 5: expected ...", `code` the column: characters from 1.
Result<Path> parse_path(std::string_view text);

/// With `$`, or with `res`, such that parse_path gives the same path again.
std::string to_string(const Path& path);
/// The first `count` steps of a variable's path, without `$.`: `user.names[0]`.
std::string variable_text(const Path& path, std::size_t count = SIZE_MAX);

/// Gives what the path finds, in the order of the document; the pointers point into the document.
std::vector<const Json*> select(const Path& path, const Json& document);
/// One value; for a path that gives_list() a list of all that was found, which may be empty; nothing when
/// there is no match.
std::optional<Json> evaluate(const Path& path, const Json& document);

/// The place of an index in a list of that size, nothing when it is outside.
std::optional<std::size_t> list_place(std::int64_t index, std::size_t size);

}  // namespace relux::data

// What paths (vm/value/path.h) find in JSON documents. Using a path never fails: it finds something or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "vm/base/result.h"
#include "vm/data/json.h"
#include "vm/value/path.h"

namespace relux::data {

using value::Path;
using value::PathStep;

/// Of a path that was computed. The error is "column 5: a name is missing ...", `code` the column: characters
/// from 1.
Result<Path> parse_path(std::string_view text);

/// What the path finds, in the order of the document; the pointers point into the document.
std::vector<const Json*> select(const Path& path, const Json& document);
/// One value; for a path that gives_list() a list of all that was found, which may be empty; nothing when
/// there is no match.
std::optional<Json> evaluate(const Path& path, const Json& document);

/// The place of an index in a list of that size, nothing when it is outside.
std::optional<std::size_t> list_place(std::int64_t index, std::size_t size);

}  // namespace relux::data

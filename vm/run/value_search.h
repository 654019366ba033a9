// Regex search in a whole value: assertions and markers. Knows no test and no shell.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "vm/base/result.h"
#include "vm/exec/value.h"
#include "vm/match/pattern.h"

namespace relux::run {

/// As exec::Host::search.
Result<std::optional<std::vector<exec::Value>>> search_value(match::PatternCache& patterns,
                                                             std::string_view pattern,
                                                             std::string_view subject);

}  // namespace relux::run

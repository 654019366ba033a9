// A place in one of the files that a set of workflows was read from.
#pragma once

#include <compare>
#include <cstdint>

namespace relux::workflow {

struct Place {
    std::uint32_t file = 0;    ///< index into WorkflowSet::files
    std::uint32_t line = 0;    ///< 1-based; 0 when it is the file as a whole that is meant
    std::uint32_t column = 0;  ///< 1-based, in bytes

    auto operator<=>(const Place&) const = default;
};

}  // namespace relux::workflow

// A variable of the base environment as reports show it.
#pragma once

#include <string_view>

namespace relux::report {

struct EnvironmentVariable {
    std::string_view name;
    std::string_view value;
    bool shown = false;          ///< its value is
    bool internal = false;       ///< the runtime's own
    std::string_view file = {};  ///< the `.env` file that set it; empty: none did
};

}  // namespace relux::report

// The version of the three programs, as the build file declares it.
#pragma once

#include <string_view>

namespace relux::cli {

std::string_view version();

}  // namespace relux::cli

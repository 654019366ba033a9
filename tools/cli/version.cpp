// One translation unit knows the number, so a new version rebuilds nothing else.
#include "tools/cli/version.h"

namespace relux::cli {

std::string_view version() {
    return RELUX_VERSION;
}

}  // namespace relux::cli

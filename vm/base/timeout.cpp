#include "vm/base/timeout.h"

#include <algorithm>

namespace relux {

Duration Timeout::effective(double multiplier) const {
    if (is_assertion()) return written;
    const double scaled = static_cast<double>(written.count()) * multiplier;
    const double longest = static_cast<double>(Duration::max().count()) / 4;
    return Duration(static_cast<std::int64_t>(std::min(scaled, longest)));
}

}  // namespace relux

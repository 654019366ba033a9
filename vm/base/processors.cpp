#include "vm/base/processors.h"

#include <algorithm>
#include <sched.h>
#include <thread>

namespace relux {

// std::thread::hardware_concurrency() counts the machine's, also those that the process may not use.
int allowed_processors() {
    cpu_set_t allowed;
    // The kernel refuses on machines with more processors than the set has room for.
    if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace relux

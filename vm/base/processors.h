// How many processors this process may use.
#pragma once

namespace relux {

/// Those that the process may run on (sched_setaffinity(2), taskset, cpusets of containers), which may be
/// fewer than the machine has; at least one. Quotas of processor time are not counted.
int allowed_processors();

}  // namespace relux

// A run from its options to its exit status.
#pragma once

#include "tools/running/run_options.h"

namespace relux::cli {

/// The exit status (cli 1). Prints on standard error only, but for what `--list` and `--why` ask for.
int run_tests(const RunOptions& options);

}  // namespace relux::cli

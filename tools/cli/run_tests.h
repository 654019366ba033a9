// A run from its options to its exit status: load, run, print, write the summary.
#pragma once

#include "tools/cli/run_options.h"

namespace relux::cli {

/// The exit status (cli 1). Prints on standard error only.
int run_tests(const RunOptions& options);

}  // namespace relux::cli

// Whether a time-out that was exceeded had nearly been before: from the margins that earlier runs have left.
#pragma once

#include <filesystem>
#include <vector>

#include "vm/report/outcome.h"

namespace relux::cli {

/// Adds a note to each failure by a time-out to which every one of the last runs came close at that
/// statement. `run_directory` is that of this run; earlier ones lie beside it. Reads nothing unless there is
/// such a failure; what can't be read is left out.
void note_narrow_margins(std::vector<report::TestResult>& results,
                         const std::filesystem::path& run_directory);

}  // namespace relux::cli

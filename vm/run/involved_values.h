// Tells the values behind a failure: of what the failing statement, and the line that was sent before it,
// name. From the event log, so that a test that passes pays nothing.
#pragma once

#include <string>
#include <vector>

#include "vm/report/test_report.h"

namespace relux::run {

/// A sentence for each variable and capture of both statements, in the order in which they are written, with
/// its value as it was then; one that is empty says why. Then one for each variable that only the shell
/// expands and that it cannot know. Not masked. Empty without a failure, or where the sources are stripped.
std::vector<std::string> involved_values(const report::TestRecord& record);

}  // namespace relux::run

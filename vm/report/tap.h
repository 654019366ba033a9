// results.tap: TAP version 13 with YAML diagnostics (reports 3). Perl's harness refuses 14, and nothing of it
// is needed.
#pragma once

#include <string>

#include "vm/report/report_source.h"

namespace relux::report {

std::string format_tap(const ReportSource& source);

}  // namespace relux::report

// results.tap: TAP version 13 with YAML diagnostics (reports 3). Perl's harness refuses 14, and nothing of it
// is needed.
#pragma once

#include <filesystem>
#include <string>

#include "vm/base/result.h"
#include "vm/report/run_summary.h"

namespace relux::report {

std::string format_tap(const RunSummary& summary);
Status write_tap(const RunSummary& summary, const std::filesystem::path& file);

}  // namespace relux::report

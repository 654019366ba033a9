// A run from its options to its exit status: load, run, print, write the summary.
#pragma once

#include <filesystem>
#include <string>

#include "tools/project/project.h"
#include "tools/running/run_options.h"
#include "tools/screen/console.h"
#include "vm/report/report_formats.h"
#include "vm/report/run_summary.h"

namespace relux::cli {

/// The exit status (cli 1). Prints on standard error only.
int run_tests(const RunOptions& options);

/// The summary, the page, and those that are wanted besides, each whatever became of the others; what could
/// not be written is said once. False: not all are there.
bool write_reports(const report::RunSummary& summary, const std::filesystem::path& directory,
                   const Project& project, const report::WantedReports& wanted, Console& console);

/// Of this machine; empty when it has none.
std::string host_name();

}  // namespace relux::cli

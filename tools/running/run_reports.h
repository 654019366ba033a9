// The documents of a run that has ended.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tools/project/project.h"
#include "tools/screen/console.h"
#include "vm/report/report_formats.h"
#include "vm/report/run_summary.h"

namespace relux::cli {

/// The summary, the page, and those that are wanted besides, each whatever became of the others; what could
/// not be written is said once. False: not all are there.
bool write_reports(const report::RunSummary& summary, const std::filesystem::path& directory,
                   const Project& project, const report::WantedReports& wanted, Console& console);

/// `error: message`, which is not dropped for a slow reader.
void complain_on(Console& console, std::string_view message);

/// The name of this machine; empty when it has none.
std::string host_name();

}  // namespace relux::cli

// The documents that a run writes when it is asked for them. From a row come the flag of `run` and of
// `workflows`, what is written, and what a merged run has of its parts.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"
#include "vm/report/junit.h"
#include "vm/report/report_source.h"
#include "vm/report/tap.h"

namespace relux::report {

struct ReportFormat {
    std::string_view name;  ///< the flag is `--NAME`
    std::string_view file;  ///< in the run directory
    std::string (*format)(const ReportSource& source);
};

/// In the order of the flags.
inline constexpr std::array kReportFormats = {
    ReportFormat{"tap", "results.tap", format_tap},
    ReportFormat{"junit", "junit.xml", format_junit},
};

/// Whether each of kReportFormats is asked for.
using WantedReports = std::array<bool, kReportFormats.size()>;
bool any_wanted(const WantedReports& wanted);

/// Writes those that are wanted to the run directory, each whatever became of the others: what could not be
/// written.
std::vector<Error> write_wanted_reports(const WantedReports& wanted, const ReportSource& source);

}  // namespace relux::report

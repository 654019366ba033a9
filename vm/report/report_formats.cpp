#include "vm/report/report_formats.h"

#include <algorithm>

#include "vm/report/report_file.h"

namespace relux::report {

bool any_wanted(const WantedReports& wanted) {
    return std::any_of(wanted.begin(), wanted.end(), [](bool one) { return one; });
}

std::vector<Error> write_wanted_reports(const WantedReports& wanted, const ReportSource& source) {
    std::vector<Error> errors;
    for (std::size_t i = 0; i < kReportFormats.size(); ++i) {
        if (!wanted[i]) continue;
        const auto& format = kReportFormats[i];
        const auto written =
            write_report_file(source.run_directory / format.file, format.format(source), false);
        if (!written) errors.push_back(written.error());
    }
    return errors;
}

}  // namespace relux::report

#include "tools/running/run_reports.h"

#include <array>
#include <unistd.h>
#include <utility>
#include <vector>

#include "tools/history/history_runs.h"
#include "tools/project/ci_protocols.h"
#include "vm/base/files.h"
#include "vm/report/run_page.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

std::string suite_name(const Project& project) {
    return project.manifest.name.empty() ? project.root.filename().string() : project.manifest.name;
}

}  // namespace

void complain_on(Console& console, std::string_view message) {
    console.print_result("error: " + std::string(message) + "\n");
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

bool write_reports(const report::RunSummary& summary, const fs::path& directory, const Project& project,
                   const report::WantedReports& wanted, Console& console) {
    const auto name = suite_name(project);
    const report::ReportSource source{summary, name, directory, junit_places(host_variable)};
    auto in_repository = source;
    in_repository.place_in_repository = place_in_repository(project.root, host_variable);
    std::vector<Error> errors;
    const auto keep = [&errors](const Status& written) {
        if (!written) errors.push_back(written.error());
    };
    keep(report::write_run_summary(summary, directory / kSummaryName));
    keep(report::write_run_page(summary, name, directory, directory / "index.html"));
    for (auto& error : report::write_wanted_reports(wanted, in_repository))
        errors.push_back(std::move(error));
    // Bazel's, who decides who reads it.
    if (const auto xml_file = host_variable("XML_OUTPUT_FILE"))
        keep(replace_file(*xml_file, report::format_junit(source)));
    for (const auto& error : errors)
        complain_on(console, error.message);
    std::size_t incomplete = 0;
    for (const auto& test : summary.tests) {
        if (!test.report_error.empty() && incomplete++ == 0) complain_on(console, test.report_error);
    }
    if (incomplete > 0)
        complain_on(console, "the reports of " + std::to_string(incomplete) + " tests are not complete");
    return errors.empty() && incomplete == 0;
}

}  // namespace relux::cli

// junit.xml in the form of Jenkins and Maven Surefire: a suite for the run, a case for each test; attempts at
// a flaky test as Surefire's reruns.
#pragma once

#include <filesystem>
#include <string>

#include "vm/base/result.h"
#include "vm/report/run_summary.h"

namespace relux::report {

/// `name` is the suite's. `run_directory` is absolute; attachments are named below it.
std::string format_junit(const RunSummary& summary, std::string_view name,
                         const std::filesystem::path& run_directory);
Status write_junit(const RunSummary& summary, std::string_view name,
                   const std::filesystem::path& run_directory, const std::filesystem::path& file);

}  // namespace relux::report

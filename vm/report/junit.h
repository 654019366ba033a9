// junit.xml in the form of Jenkins and Maven Surefire: a suite for the run, a case for each test; attempts at
// a flaky test as Surefire's reruns. What has no element there is in the output of its case, in the notation
// of test management tools: `[[PROPERTY|log=…]]`, `[[ATTACHMENT|…]]`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "vm/base/result.h"
#include "vm/report/run_summary.h"

namespace relux::report {

/// Whether cases have the attributes `file` and `line`. GitLab makes links of them; the schema by which
/// Jenkins' xunit plug-in checks a file refuses them.
enum class JunitPlaces : std::uint8_t { Written, LeftOut };

/// `name` is the suite's. `run_directory` is absolute; logs are named by their paths below it.
std::string format_junit(const RunSummary& summary, std::string_view name,
                         const std::filesystem::path& run_directory,
                         JunitPlaces places = JunitPlaces::Written);
Status write_junit(const RunSummary& summary, std::string_view name,
                   const std::filesystem::path& run_directory, const std::filesystem::path& file,
                   JunitPlaces places = JunitPlaces::Written);

}  // namespace relux::report

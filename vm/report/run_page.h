// index.html of a run: all tests with outcome and duration, filtered in the page; links to their pages.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "vm/base/result.h"
#include "vm/report/run_summary.h"

namespace relux::report {

/// `run_directory` is looked into for the tests' pages.
Status write_run_page(const RunSummary& summary, std::string_view name,
                      const std::filesystem::path& run_directory, const std::filesystem::path& file);

}  // namespace relux::report

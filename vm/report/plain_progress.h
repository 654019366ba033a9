// The plain output of a run (cli 2): one line per test as it ends, failures whole, the result line. Text
// only; who calls it decides where it goes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "vm/base/duration.h"
#include "vm/report/outcome.h"

namespace relux::report {

/// Gives the address that terminals open: `file:///...`, whatever bytes the path has.
std::string file_url(const std::filesystem::path& file);
std::string running_line(std::size_t count);  ///< `running 3 tests\n`
/// `test raw_send.relux/multiple-raw-sends: |.... ok (5.8 ms)\n`, and a line for each failed try of one that
/// has passed. The progress string is cut in its middle where it is longer than 120 characters.
std::string test_line(const TestResult& result, bool color = false);
/// `test result: FAILED. 1 passed; ...\n` and the line that points at the logs.
std::string result_lines(std::span<const TestResult> results, Duration wall, int jobs,
                         const std::filesystem::path& run_directory);

}  // namespace relux::report

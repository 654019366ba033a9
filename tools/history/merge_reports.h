// One run made of several: shards of one suite, or parts of it that were run again.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/history/history_runs.h"
#include "vm/base/result.h"
#include "vm/report/report_source.h"
#include "vm/report/run_summary.h"

namespace relux::cli {

struct MergedRun {
    std::size_t runs = 0;
    std::size_t tests = 0;
    std::size_t not_good = 0;           ///< neither passed nor skipped
    std::vector<std::string> warnings;  ///< a line each: a shard that is missing, a test that ran twice
};

/// The run directories among and below `directories`, each once, in the order of their names. Links are not
/// followed, so `latest` does not count. A directory without any is an error.
Result<std::vector<std::filesystem::path>> find_run_directories(
    const std::vector<std::filesystem::path>& directories);

/// Fills `target`, which exists and is empty, with one run: the summary of all tests with every key that the
/// parts have, their logs (linked, or copied across file systems), their margins, index.html, and
/// those of report::kReportFormats that a part has. Of a test that ran in several parts the latest run
/// counts.
Result<MergedRun> merge_runs(const std::vector<std::filesystem::path>& runs,
                             const std::filesystem::path& target, const std::string& run_id,
                             const std::string& hostname, report::JunitPlaces places);

/// Turns what a summary tells into what the reports take; of a failure only its kind and first line are left.
report::RunSummary summary_of(const PastRun& run);

}  // namespace relux::cli

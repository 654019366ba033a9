// Finds what a series of runs tells about its tests. Pure functions of the runs, oldest first.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "tools/history/history_margins.h"
#include "tools/history/history_runs.h"
#include "tools/history/history_table.h"

namespace relux::cli {

/// Tests that changed between pass and fail, or passed only after retries: those that change most often
/// first.
HistoryTable find_flaky(const std::vector<PastRun>& runs);
/// How often each test failed, by kind of failure: the most frequent first.
HistoryTable find_failures(const std::vector<PastRun>& runs);
/// The last change from pass to fail of each test: the latest first.
HistoryTable find_first_failures(const std::vector<PastRun>& runs);
/// Least, greatest and mean duration of the passes of each test, and how the newer half compares with the
/// older: the slowest first.
HistoryTable find_durations(const std::vector<PastRun>& runs);
/// Match sites at risk, the closest to its time-out first.
HistoryTable find_margins(const MarginsBySite& sites, std::size_t runs);

}  // namespace relux::cli

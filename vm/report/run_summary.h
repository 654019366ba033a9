// run_summary.toml (cli 3): what `--rerun` and `history` read. Written to a temporary and renamed, so a crash
// leaves the old file or the new one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vm/base/result.h"
#include "vm/report/outcome.h"
#include "vm/report/run_statistics.h"

namespace relux::report {

struct RunSummary {
    std::string run_id;
    std::string timestamp;  ///< RFC 3339, UTC
    std::string hostname;
    Duration duration{0};
    std::vector<TestResult> tests;
    const RunStatistics* statistics = nullptr;  ///< outlives this; null: nobody has asked for them
};

std::string format_run_summary(const RunSummary& summary);
Status write_run_summary(const RunSummary& summary, const std::filesystem::path& file);

}  // namespace relux::report

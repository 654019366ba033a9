// Earlier runs as their run_summary.toml tells them: what `history`, `--rerun` and `--shard` read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"
#include "vm/report/outcome.h"

namespace relux::cli {

inline constexpr std::string_view kSummaryName = "run_summary.toml";

struct PastTest {
    std::string path;
    std::string name;  ///< empty: a file whose tests were not known
    std::string slug;  ///< with its number; empty: of a run that did not write it
    report::OutcomeKind outcome = report::OutcomeKind::Passed;
    std::int64_t duration_ms = 0;
    bool cached = false;       ///< it was not run; the duration says nothing
    std::string failure_type;  ///< report::failure_type_name(); empty if the outcome is no failure
    std::string failure_summary;
    std::string cancellation_reason;  ///< report::Cancellation::reason
    std::string cancellation_detail;  ///< report::cancellation_detail()
    std::string file;                 ///< as report::TestResult has it, and the line; empty: it is not known
    std::int64_t line = 0;
    std::string skip_reason;
    std::int64_t flaky_retries = 0;
    std::string log_directory;  ///< below the run directory, as the summary says
};

struct PastRun {
    std::filesystem::path directory;
    std::string run_id;
    std::string hostname;
    std::int64_t duration_ms = 0;
    std::string timestamp;                    ///< RFC 3339, UTC, in whole seconds
    std::filesystem::file_time_type written;  ///< which of two runs in one second was the later
    std::vector<std::string> merged_from;     ///< run ids of the shards that this run was made of
    std::vector<PastTest> tests;
};

struct History {
    std::vector<PastRun> runs;         ///< oldest first
    std::vector<std::string> skipped;  ///< a line for each directory that can't be read, with the reason
};

/// By the name that a summary has for it; nothing if it is none.
std::optional<report::OutcomeKind> outcome_of(std::string_view name);

/// The run of a directory that has a run_summary.toml.
Result<PastRun> read_past_run(const std::filesystem::path& directory);

/// The newest `last` runs below `<root>/relux/out`. A run that is part of a merged one is left out, so
/// nothing counts twice. No such directory: no runs.
History read_history(const std::filesystem::path& root,
                     std::size_t last = std::numeric_limits<std::size_t>::max());

/// The run that `latest` points at, or, if that one has no readable summary, the newest that has. None is an
/// error.
Result<PastRun> read_latest_run(const std::filesystem::path& root);

/// `path::name`, by which tests are selected, listed and compared between runs.
std::string test_key(std::string_view path, std::string_view name);

}  // namespace relux::cli

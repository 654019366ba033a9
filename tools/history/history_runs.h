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

/// The forms of vm/report/run_summary.def, as they are read.
namespace summary_forms {
using Text = std::string;
using Number = std::int64_t;
using Flag = bool;
using Outcome = report::OutcomeKind;
}  // namespace summary_forms

/// Holds what a summary has of a test. Texts that are not in it are empty, numbers 0. `failure_type` is one
/// of report::failure_type_name(), `cancellation_reason` and `cancellation_detail` are as in
/// report::Cancellation.
struct PastTest {
#define TEST_MEMBER(form, member, key, value) summary_forms::form member{};
#include "vm/report/run_summary.def"
};

struct PastRun {
    std::filesystem::path directory;
#define RUN_MEMBER(form, member, key, value) summary_forms::form member{};
#include "vm/report/run_summary.def"
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

// Run summaries as format_run_summary() writes them, line by line: of large suites before their first test
// starts, where a parser of all of TOML takes longer than everything else.
#pragma once

#include <optional>
#include <string_view>

#include "tools/history/history_runs.h"

namespace relux::cli {

/// Reads what the bytes tell, without directory and time of writing. Nothing when they have anything that
/// format_run_summary() does not write, be it right or wrong: that is for the parser.
std::optional<PastRun> read_plain_summary(std::string_view bytes);

}  // namespace relux::cli

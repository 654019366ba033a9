// margins.json of a run: how close every match came to its time-out, as counts that can be added up over
// runs.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/base/result.h"
#include "vm/run/margins.h"

namespace relux::cli {

inline constexpr std::string_view kMarginsName = "margins.json";

/// By file, as the module's name, and line.
using MarginsBySite = std::map<std::pair<std::string, std::uint32_t>, run::SiteMargins>;

std::string format_margins(const MarginsBySite& sites);
Status write_margins(const run::MatchMargins& margins, const std::filesystem::path& file);
Status write_margins(const MarginsBySite& sites, const std::filesystem::path& file);

/// Adds what a file holds. A file that is damaged adds nothing.
Status add_margins(const std::filesystem::path& file, MarginsBySite& sites);

/// A time-out of which the slowest match so far takes a quarter, rounded up to a round figure; never below
/// the present one.
Duration suggested_timeout(const run::SiteMargins& margins);

/// At risk: a match took more than half of its time-out, or one in a hundred more than a third.
bool at_risk(const run::SiteMargins& margins);

}  // namespace relux::cli

// Knows what CI services tell a test runner through the environment, and want back: GitHub's annotations and
// step summary, what JUnit of Jenkins looks like. Shards are tools/select/environment_shard.h's.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vm/base/result.h"
#include "vm/report/outcome.h"
#include "vm/report/report_source.h"

namespace relux::cli {

/// A variable's value; nothing when it is unset or empty.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view)>;
std::optional<std::string> host_variable(std::string_view name);

/// Workflow commands, a line each: an error for each test that failed or is invalid, at the statement, and a
/// warning for each that passed after retries. Empty outside of GitHub Actions.
std::string github_annotations(std::span<const report::TestResult> results,
                               const std::filesystem::path& suite_root, const EnvironmentLookup& environment);

/// A page of Markdown with the counts and what did not pass, or only when tried again.
std::string step_summary(std::span<const report::TestResult> results, Duration wall,
                         const std::string& suite_name);

/// Appends step_summary() to the file of GITHUB_STEP_SUMMARY, if there is one.
Status append_step_summary(std::span<const report::TestResult> results, Duration wall,
                           const std::string& suite_name, const EnvironmentLookup& environment);

/// Jobs of Jenkins have JENKINS_URL.
report::JunitPlaces junit_places(const EnvironmentLookup& environment);

/// Where a suite is below the top of the repository that GitLab has checked out; empty: at its top, not in
/// it, or there is none.
std::filesystem::path place_in_repository(const std::filesystem::path& suite_root,
                                          const EnvironmentLookup& environment);

}  // namespace relux::cli

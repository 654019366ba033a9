// Decides what `relux doctor` looks at, and what it makes of the figures. The judgements are pure functions;
// the figures come from the system.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/project/project.h"
#include "tools/shell/doctor_probe.h"

namespace relux::cli {

struct Finding {
    enum class Level : std::uint8_t { Ok, Warning, Error };
    Level level = Level::Ok;
    std::string what;    ///< `terminals: 12 of 4096 in use`
    std::string advice;  ///< what to do about it; empty if it is ok
};

Finding judge_terminals(std::optional<long> in_use, std::optional<long> most);
Finding judge_descriptors(unsigned long long soft, unsigned long long hard, int jobs);
Finding judge_free_space(unsigned long long bytes, const std::string& directory);
/// The prompt, the reader and the round trip: one to three findings.
std::vector<Finding> judge_shell(const ShellProbe& probe, const run::ShellSettings& settings);

/// All checks. `project`: the one at hand, or why there is none; defaults are checked then.
std::vector<Finding> examine(const Result<Project>& project);

/// `ok       what`, and the advice below, indented.
std::string render_findings(const std::vector<Finding>& findings);

}  // namespace relux::cli

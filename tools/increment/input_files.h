// The files that `[run] inputs` names: what tests depend on besides their code.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vm/base/result.h"

namespace relux::cli {

/// Files below `root` that a glob names, relative to it, sorted: `*`, `?` and `[...]` within one part of a
/// path,
/// `**` for any number of directories. Links to directories are not followed, and the output of runs is left
/// out.
std::vector<std::string> expand_glob(const std::filesystem::path& root, const std::string& glob);

}  // namespace relux::cli

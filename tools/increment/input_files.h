// The files that `[run] inputs` names: what tests depend on besides their code.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vm/base/result.h"

namespace relux::cli {

/// Files below `root` that a pattern names, relative to it, sorted: each part between slashes is a glob
/// (vm/base/glob.h), `**` any number of directories. Links to directories are not followed, and the output of
/// runs is left out.
std::vector<std::string> expand_glob(const std::filesystem::path& root, const std::string& glob);

}  // namespace relux::cli

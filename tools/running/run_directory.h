// The directory of one run (cli 3): a name of its own, and `latest` pointing at it.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "vm/base/result.h"
#include "vm/report/run_mode.h"

namespace relux::cli {

struct RunDirectory {
    std::filesystem::path path;  ///< absolute, exists
    std::string run_id;          ///< the ten random characters at the end of its name
    std::string timestamp;       ///< RFC 3339, UTC
};

/// Makes `<root>/relux/out/run-YYYY-MM-DD-HH-MM-SS-<run id>` (UTC) and turns `relux/out/latest` to it in one
/// step. It has this mode, and so have directories above it that were not there.
Result<RunDirectory> create_run_directory(const std::filesystem::path& root,
                                          std::chrono::system_clock::time_point now,
                                          mode_t mode = report::kUsualRunMode);

}  // namespace relux::cli

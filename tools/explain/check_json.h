// Prints what `check --format json` says, for editors and CI.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "frontend/diagnostic.h"
#include "tools/select/skipped_tests.h"

namespace relux::cli {

/// One JSON document and a newline. Files are named from `root`; lines and columns count from 1, columns in
/// bytes, and a range ends before its `end`.
std::string check_json(const std::filesystem::path& root, bool passed, const frontend::DiagnosticSink& sink,
                       const std::vector<SkippedTest>& skipped);

}  // namespace relux::cli

// Decides what `run` was asked to do, and the settings that follow from it and the manifest: flags beat the
// file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/command_line.h"
#include "tools/project/cache_options.h"
#include "tools/project/manifest.h"
#include "tools/running/setting_flags.h"
#include "tools/select/selection.h"
#include "vm/base/result.h"
#include "vm/report/report_formats.h"
#include "vm/run/run_settings.h"

namespace relux::cli {

/// Auto: the live view on a terminal, plain lines elsewhere.
enum class Progress : std::uint8_t { Auto, Plain, Live };

/// As given on the command line; nothing has been checked but the form of numbers.
struct RunOptions : SelectionOptions, SettingFlags {
    std::optional<std::filesystem::path> manifest;
    std::optional<double> timeout_multiplier;
    Progress progress = Progress::Auto;
    CacheOptions cache;
    bool incremental = false;
    bool force = false;
    std::optional<std::string> why;  ///< a test's name: tell, and run nothing
    bool list = false;
    report::WantedReports reports{};
    bool stats = false;
    std::optional<std::filesystem::path> trace_file;
    bool fail_fast = false;
    bool wait_for_reader = true;
};

/// A flag for each of report::kReportFormats; `where` ends what each says: "Write FILE" + where.
void declare_report_flags(CommandLine& line, report::WantedReports& wanted, std::string_view where);

/// Whether the flags go together, before anything is read.
Status check_options(const RunOptions& options);

/// The part of RunSettings that flags and manifest decide; directories, run id and environment are still
/// empty. The error names the flag and what it takes.
Result<run::RunSettings> resolve_settings(const Manifest& manifest, const RunOptions& options);

}  // namespace relux::cli

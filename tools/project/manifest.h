// Relux.toml (cli 8) as a plain struct. Every key is optional, an unknown one is an error: a misspelt setting
// must not be a silent default.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/source.h"
#include "vm/base/result.h"
#include "vm/report/run_mode.h"
#include "vm/run/run_settings.h"

namespace relux::cli {

struct Manifest {
    std::string name;  ///< empty: the directory's name
    frontend::Edition language = frontend::Edition::V0_4;
    run::ShellSettings shell;
    run::TimeoutSettings timeout;
    int jobs = 1;                 ///< 0: one per core
    bool automatic_jobs = false;  ///< `jobs = "auto"`
    std::optional<int> threads;   ///< 0: one per core
    bool early_shells = true;
    std::size_t memory_limit = 0;  ///< as RunSettings::memory_limit
    bool leftover_fails = false;
    std::vector<std::string> inputs;  ///< globs of files that tests depend on, for --incremental
    int flaky_retries = 0;
    double flaky_multiplier = 1.5;
    int port_range_start = 1024;
    int port_range_end = 32767;
    bool report_shows_environment = false;
    unsigned report_mode = report::kUsualRunMode;  ///< of run directories; their files can't be executed
    std::vector<std::string> mask;                 ///< names and globs of variables whose values reports hide
};

/// The error lists every mistake, a line each: `Relux.toml:4: unknown key ...`. `file` is only named in
/// messages.
Result<Manifest> parse_manifest(std::string_view text, std::string_view file);

/// `64MiB`, `512 KiB`, `1GB`, `100B`: a number above zero with its unit. Nothing for what is none.
std::optional<std::size_t> parse_size(std::string_view text);

}  // namespace relux::cli

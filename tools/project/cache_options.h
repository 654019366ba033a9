// Which cache a command uses: its flags, the environment, the user's cache directory.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "compiler/module_cache.h"
#include "tools/cli/command_line.h"
#include "tools/project/project.h"

namespace relux::cli {

struct CacheOptions {
    std::optional<std::filesystem::path> directory;
    bool enabled = true;
};

/// `--cache-dir` and `--no-cache`.
void declare_cache_options(CommandLine& line, CacheOptions& options);

/// In this order: `--cache-dir`, `RELUX_CACHE_DIR`, `relux` below `XDG_CACHE_HOME`, `~/.cache/relux`. Nothing
/// when none of these is known.
std::optional<std::filesystem::path> cache_directory(const CacheOptions& options);

/// Opens the cache of one project. Null when the cache is off. `RELUX_CACHE_LIMIT` (`200MiB`), which bounds
/// the size of the whole cache, is an error if it can't be read.
Result<std::unique_ptr<compiler::ModuleCache>> open_cache(const CacheOptions& options,
                                                          const Project& project);
/// For the end of a command, when all that somebody waits for is out: trims the cache if nobody has for a
/// day.
void trim_cache(const CacheOptions& options);

}  // namespace relux::cli

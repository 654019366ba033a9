// Which cache a command uses: its flags, the environment, the user's cache directory.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "compiler/module_cache.h"
#include "tools/cli/command_line.h"

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

/// Null when the cache is off. `RELUX_CACHE_LIMIT` (`200MiB`) bounds its size; a value that can't be read is
/// an error.
Result<std::unique_ptr<compiler::ModuleCache>> open_cache(const CacheOptions& options);

}  // namespace relux::cli

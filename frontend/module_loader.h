// From file names to parsed modules: reads the files, follows their imports, finds missing files and import
// cycles.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "frontend/program.h"
#include "vm/base/result.h"

namespace relux::frontend {

struct LoadOptions {
    std::filesystem::path suite_root;  ///< imports are read below `relux/lib` of it
    /// Must be set; called by several threads at once. An error with code ENOENT means that there is no such
    /// file.
    std::function<Result<std::string>(const std::filesystem::path&)> read_file;
    /// The paths by which every module of the library is imported, to name the one that was meant. May be
    /// empty; asked only after a mistake.
    std::function<std::vector<std::string>()> library_modules;
};

/// Absolute and normal, without a slash at the end: what the names of modules are relative to.
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// The name of the module in `file`: its path from `root`, with `/`. Both are as absolute_path() gives them.
std::string name_below(const std::filesystem::path& root, const std::string& file);

/// Fills modules, sources, order and roots. Each file is read once, whatever leads to it.
void load_modules(Program& program, const LoadOptions& options,
                  const std::vector<std::filesystem::path>& files);

}  // namespace relux::frontend

// New projects and modules (cli 5): what is written where. Everything passes as it is written.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"

namespace relux::cli {

enum class ModuleKind : std::uint8_t { Test, Effect, Library };

/// `a/b`, with or without `.relux`, as segments of `[a-z_][a-z0-9_]*`. The error names the segment.
Result<std::vector<std::string>> parse_module_path(std::string_view text);

/// Relux.toml with every key commented out, showing its default.
std::string manifest_template(std::string_view project_name);
std::string module_template(ModuleKind kind, const std::vector<std::string>& segments);

/// Gives what was made, relative to the root, in order. Refuses to overwrite anything, and then makes
/// nothing.
Result<std::vector<std::filesystem::path>> create_project(const std::filesystem::path& root);
/// The file that was made, relative to the root.
Result<std::filesystem::path> create_module(const std::filesystem::path& root, ModuleKind kind,
                                            const std::vector<std::string>& segments);

}  // namespace relux::cli

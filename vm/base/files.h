// Whole files, read and replaced.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "vm/base/result.h"

namespace relux {

/// The bytes of a file; a directory is an error.
Result<std::string> read_file(const std::filesystem::path& file);

/// Writes to a temporary beside `file` and renames, so a reader sees the old bytes or the new ones.
Status replace_file(const std::filesystem::path& file, std::string_view bytes);
/// The same with bytes that stand in several places.
Status replace_file(const std::filesystem::path& file, std::span<const std::string_view> pieces);

}  // namespace relux

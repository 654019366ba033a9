// Whole files, read and replaced. Whatever others make of a file while it is read, the reader gets bytes or
// an error: it never waits, and nothing that it has got goes away again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "vm/base/fd.h"
#include "vm/base/input_limits.h"
#include "vm/base/result.h"

namespace relux {

/// A regular file, as it was when it was opened.
struct ReadableFile {
    Fd descriptor;
    std::size_t size = 0;  ///< files of /proc say 0, whatever they have
};
/// A directory, a pipe, a device, or a file of more than `largest` bytes is an error that says so, with the
/// codes EISDIR, ENOTSUP and EFBIG.
Result<ReadableFile> open_to_read(const std::filesystem::path& file, std::size_t largest = kLargestFile);

/// The bytes of a regular file of at most `largest` bytes.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t largest = kLargestFile);
/// Those of a file that people write: a module, a workflow.
Result<std::string> read_source(const std::filesystem::path& file);
/// Those of a manifest, a `.env` and the like.
Result<std::string> read_settings(const std::filesystem::path& file);

/// `size` bytes from `offset` on; fewer where the file ends before.
Result<std::string> read_part(const Fd& descriptor, std::uint64_t offset, std::size_t size);

/// Writes to a temporary beside `file` and renames, so a reader sees the old bytes or the new ones.
Status replace_file(const std::filesystem::path& file, std::string_view bytes);
/// The same with bytes that stand in several places.
Status replace_file(const std::filesystem::path& file, std::span<const std::string_view> pieces);

}  // namespace relux

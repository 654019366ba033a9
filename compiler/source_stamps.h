// Remembers how the files of one project looked when they were last read: a file whose size, times and inode
// are the same need not be read again for its hash. Kept in the cache's directory; a lost or damaged file
// costs reading the sources.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "compiler/hash128.h"
#include "vm/base/fd.h"
#include "vm/base/result.h"

namespace relux::compiler {

/// As stat() tells; times in nanoseconds.
struct FileStamp {
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    std::int64_t modified = 0;
    std::int64_t changed = 0;  ///< of the inode: also set when the modification time is set back

    bool operator==(const FileStamp&) const = default;
};

/// Nothing when there is no such regular file.
std::optional<FileStamp> stamp_of(const std::filesystem::path& file);

/// Looks at many files below one root: directories are kept open, so that the kernel need not find the way to
/// each file again.
class StampReader {
  public:
    /// `root` is absolute.
    explicit StampReader(const std::filesystem::path& root) : root_(root.string() + "/") {}

    /// As stamp_of() the file of that name below the root.
    std::optional<FileStamp> read(std::string_view file);

  private:
    std::string root_;
    std::unordered_map<std::string, Fd> directories_;
    std::string path_;  ///< kept for its memory
};

/// Files are called by their names below the root, as modules are.
class SourceStamps {
  public:
    /// Reads what is known of the files below `root`, an absolute path. `directory` is the cache's.
    SourceStamps(const std::filesystem::path& directory, const std::filesystem::path& root);

    /// The hash of a file that has not been touched since remember().
    std::optional<Hash128> find(std::string_view file, const FileStamp& stamp) const;
    /// `stamp` was taken before the file was read.
    void remember(std::string_view file, const FileStamp& stamp, const Hash128& hash);
    /// Writes what has changed, if anything has. A file that was touched just now is left out: it may change
    /// again without a trace in its times.
    Status save() const;

  private:
    struct Known {
        FileStamp stamp;
        Hash128 hash;
        bool is_new = false;  ///< since it was read
    };
    void read();

    std::filesystem::path root_;
    std::filesystem::path file_;
    std::string bytes_;              ///< the file; `known_` points into it
    std::deque<std::string> names_;  ///< of those that are new; `known_` points into it
    std::unordered_map<std::string_view, Known> known_;
};

}  // namespace relux::compiler

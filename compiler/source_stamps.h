// What the files of one project looked like when they were last read: so that a file whose size, times and
// inode are the same need not be read again to know its hash. Kept in the cache's directory; a lost or
// damaged file costs reading the sources.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "compiler/hash128.h"
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

class SourceStamps {
  public:
    /// Reads what is known of the files below `root`, an absolute path. `directory` is the cache's.
    SourceStamps(const std::filesystem::path& directory, const std::filesystem::path& root);

    /// The hash of a file that has not been touched since remember().
    std::optional<Hash128> find(const std::string& file, const FileStamp& stamp) const;
    /// `stamp` was taken before the file was read.
    void remember(const std::string& file, const FileStamp& stamp, const Hash128& hash);
    /// Writes what has changed, if anything has. A file that was touched just now is left out: it may change
    /// again without a trace in its times.
    Status save() const;

  private:
    struct Known {
        FileStamp stamp;
        Hash128 hash;
    };
    void read();

    std::filesystem::path root_;
    std::filesystem::path file_;
    std::unordered_map<std::string, Known> known_;
    bool changed_ = false;
};

}  // namespace relux::compiler

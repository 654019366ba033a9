// The directory of the cache, which all projects of a user share: a directory for each project, so that a
// start looks at what its own project has and at nothing else, and links by which a project that is new finds
// what another checkout of it has compiled. Looking at all of it is for trimming, once a day, and for `relux
// cache`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"

namespace relux::compiler {

struct CacheInformation {
    std::size_t packs = 0;
    std::size_t modules = 0;
    std::uintmax_t bytes = 0;
    std::vector<std::string> unusable;  ///< a sentence for each file that is not read
};

class CacheDirectory {
  public:
    static constexpr std::uintmax_t kDefaultLimit = std::uintmax_t{512} * 1024 * 1024;

    /// It need not exist.
    explicit CacheDirectory(std::filesystem::path path) : path_(std::move(path)) {}

    /// Where the packs of the project with this root are.
    std::filesystem::path of_project(const std::filesystem::path& root) const;
    /// The link to the directory of the project of this kind, such as another checkout, that was compiled
    /// last.
    std::filesystem::path link_of(std::string_view kind) const;

    CacheInformation information() const;
    /// Removes everything that a cache of any version has written into the directory, and nothing else. The
    /// number of files.
    Result<std::size_t> clean() const;
    /// When nobody has done it for a day: packs that were not used for longest go until those that are left
    /// hold `limit` bytes at most, and what is left of projects that have none. One process does it; the
    /// others go on. Costs one system call else.
    void trim_when_due(std::uintmax_t limit) const;

  private:
    std::vector<std::filesystem::path> project_directories() const;
    void trim(std::uintmax_t limit) const;

    std::filesystem::path path_;
};

/// A regular file of a directory.
struct FileFound {
    std::filesystem::path path;
    std::uintmax_t size = 0;
    std::int64_t modified = 0;  ///< seconds
};
/// Sorted by path; none where there is no such directory.
std::vector<FileFound> files_of(const std::filesystem::path& directory);

inline constexpr std::string_view kPackSuffix = ".rxp";
bool is_pack(const std::filesystem::path& path);

}  // namespace relux::compiler

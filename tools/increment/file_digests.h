// Hashes what the files of a project hold and which files programs are, for incremental runs. A file that is
// as it was when it was read last (size, times, inode) is not read again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/source_stamps.h"

namespace relux::cli {

/// The digest of something that is not there, or no file.
inline constexpr std::uint64_t kNoFile = 0;
/// The digest of a file that was changed while the run went on: nobody knows whether a test saw it before or
/// after.
inline constexpr std::uint64_t kChangedMeanwhile = 1;

/// A file as it was when it was read.
struct KnownFile {
    compiler::FileStamp stamp;
    std::uint64_t digest = kNoFile;
};
/// By the name below the root.
using KnownFiles = std::map<std::string, KnownFile, std::less<>>;

std::uint64_t digest_of_bytes(std::string_view bytes);

/// The path of an executable as the built-in which() finds it; empty: there is none.
std::string find_executable(const std::string& name, std::string_view path);
/// Which file it is, by what a build or an upgrade changes; its bytes are not read.
std::uint64_t digest_of_executable(const std::string& path);

class FileDigests {
  public:
    /// Changes are looked for from now on.
    FileDigests(std::filesystem::path root, KnownFiles known);

    /// Digests a file below the root by its name there.
    std::uint64_t of_file(const std::string& name);
    /// Digests the program that a PATH gives.
    std::uint64_t of_program(const std::string& name, std::string_view path);
    /// The tests have ended: from here on what has changed since this was made is kChangedMeanwhile.
    void begin_record();

    /// Whether there is a regular file of that name; `is_directory`, if there is a directory.
    enum class Kind : std::uint8_t { Nothing, File, Directory, Other };
    Kind kind_of(const std::string& name);

    /// The entries of a directory below the root by hash_of_entry(); the empty name is the root.
    using Entries = std::unordered_map<std::uint64_t, std::string>;
    const Entries& entries_of(const std::string& directory);
    static std::uint64_t hash_of_entry(std::string_view name_below_root) {
        return digest_of_bytes(name_below_root);
    }

    /// Gives what is worth knowing next time. A file that was touched just now is left out: it may change
    /// again without a trace in its times.
    KnownFiles settled() const;
    const std::filesystem::path& root() const { return root_; }

  private:
    std::uint64_t read(const std::string& name);

    std::filesystem::path root_;
    KnownFiles known_;
    std::int64_t since_;
    bool recording_ = false;
    std::unordered_map<std::string, std::uint64_t> files_;
    std::unordered_map<std::string, Kind> kinds_;
    std::map<std::pair<std::string, std::string>, std::uint64_t, std::less<>> programs_;
    std::unordered_map<std::string, Entries> entries_;
};

}  // namespace relux::cli

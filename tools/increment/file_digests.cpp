#include "tools/increment/file_digests.h"

#include <algorithm>
#include <ctime>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "vm/base/files.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

/// File systems tell times to a few milliseconds, the coarsest to two seconds.
constexpr std::int64_t kSettled = 2'000'000'000;

/// File systems take the time of a change from CLOCK_REALTIME or from CLOCK_REALTIME_COARSE, which is some
/// milliseconds behind.
std::int64_t wall_clock(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::int64_t last_change(const compiler::FileStamp& stamp) {
    return std::max(stamp.modified, stamp.changed);
}

bool is_executable(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::uint64_t digest_of_bytes(std::string_view bytes) {
    const auto digest = compiler::hash128(bytes).low;
    return digest <= kChangedMeanwhile ? digest + 2 : digest;
}

std::string find_executable(const std::string& name, std::string_view path) {
    if (name.find('/') != std::string::npos) return is_executable(name) ? name : std::string();
    while (!path.empty()) {
        const auto colon = path.find(':');
        const auto directory = std::string(path.substr(0, colon));
        path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
        auto candidate = (directory.empty() ? "." : directory) + "/" + name;
        if (is_executable(candidate)) return candidate;
    }
    return {};
}

std::uint64_t digest_of_executable(const std::string& path) {
    if (path.empty()) return kNoFile;
    const auto stamp = compiler::stamp_of(path);
    if (!stamp) return kNoFile;
    return digest_of_bytes(path + "\n" + std::to_string(stamp->size) + " " + std::to_string(stamp->inode) +
                           " " + std::to_string(stamp->modified) + " " + std::to_string(stamp->changed));
}

FileDigests::FileDigests(fs::path root, KnownFiles known)
    : root_(std::move(root)), known_(std::move(known)), since_(wall_clock(CLOCK_REALTIME_COARSE)) {}

void FileDigests::begin_record() {
    recording_ = true;
    files_.clear();
    kinds_.clear();
    programs_.clear();
    entries_.clear();
}

std::uint64_t FileDigests::of_file(const std::string& name) {
    const auto found = files_.find(name);
    return found != files_.end() ? found->second : files_[name] = read(name);
}

std::uint64_t FileDigests::read(const std::string& name) {
    const auto file = root_ / name;
    const auto stamp = compiler::stamp_of(file);
    if (!stamp) return kNoFile;
    if (recording_ && last_change(*stamp) >= since_) return kChangedMeanwhile;
    if (const auto known = known_.find(name); known != known_.end() && known->second.stamp == *stamp)
        return known->second.digest;
    // Tests may depend on files of any size.
    const auto bytes = read_file(file, std::numeric_limits<std::size_t>::max());
    if (!bytes) return kNoFile;
    const auto digest = digest_of_bytes(*bytes);
    known_.insert_or_assign(name, KnownFile{*stamp, digest});
    return digest;
}

std::uint64_t FileDigests::of_program(const std::string& name, std::string_view path) {
    auto key = std::pair(name, std::string(path));
    const auto found = programs_.find(key);
    if (found != programs_.end()) return found->second;
    const auto executable = find_executable(name, path);
    auto digest = digest_of_executable(executable);
    if (recording_ && digest != kNoFile) {
        const auto stamp = compiler::stamp_of(executable);
        if (!stamp || last_change(*stamp) >= since_) digest = kChangedMeanwhile;
    }
    return programs_[std::move(key)] = digest;
}

FileDigests::Kind FileDigests::kind_of(const std::string& name) {
    const auto found = kinds_.find(name);
    if (found != kinds_.end()) return found->second;
    struct stat status {};
    auto kind = Kind::Other;
    if (::stat((root_ / name).c_str(), &status) != 0) {
        kind = Kind::Nothing;
    } else if (S_ISREG(status.st_mode)) {
        kind = Kind::File;
    } else if (S_ISDIR(status.st_mode)) {
        kind = Kind::Directory;
    }
    return kinds_[name] = kind;
}

const FileDigests::Entries& FileDigests::entries_of(const std::string& directory) {
    const auto [found, is_new] = entries_.try_emplace(directory);
    if (!is_new) return found->second;
    std::error_code error;
    for (fs::directory_iterator entry(root_ / directory, error), end; !error && entry != end;
         entry.increment(error)) {
        auto name = entry->path().filename().string();
        if (!directory.empty()) name = directory + "/" + name;
        found->second.emplace(hash_of_entry(name), name);
    }
    return found->second;
}

KnownFiles FileDigests::settled() const {
    KnownFiles settled;
    const auto now = wall_clock(CLOCK_REALTIME);
    for (const auto& [name, known] : known_) {
        if (now - last_change(known.stamp) > kSettled) settled.emplace(name, known);
    }
    return settled;
}

}  // namespace relux::cli

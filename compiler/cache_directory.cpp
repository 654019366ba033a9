#include "compiler/cache_directory.h"

#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "compiler/cache_pack.h"
#include "compiler/hash128.h"
#include "vm/base/fd.h"

namespace relux::compiler {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kDay = 24 * 60 * 60;  // seconds
/// Files that a killed writer has left are removed when they are this many seconds old.
constexpr std::int64_t kUntilAbandoned = 60 * 60;
/// Its time is that of the last trimming.
constexpr std::string_view kTrimmed = "trimmed";
constexpr std::string_view kLinkPrefix = "like-";
constexpr std::string_view kStampsSuffix = ".stamps";
constexpr std::size_t kHashSize = 32;

bool is_hash(std::string_view text) {
    return text.size() == kHashSize && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// A file that replace_file() had not finished.
bool is_temporary(const fs::path& path) {
    return path.filename().string().find(std::string(kPackSuffix) + ".new-") != std::string::npos;
}

bool is_written_by_cache(const fs::path& path) {
    return is_pack(path) || is_temporary(path) || path.extension() == kStampsSuffix;
}

bool is_link_name(std::string_view name) {
    return name.starts_with(kLinkPrefix) &&
           is_hash(name.substr(kLinkPrefix.size(), name.find(".new-") - kLinkPrefix.size()));
}

std::int64_t now_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

/// Also of one whose time is to come.
bool is_recent(const struct stat& status, std::int64_t seconds) {
    return std::abs(now_seconds() - status.st_mtim.tv_sec) < seconds;
}

std::vector<fs::path> links_of(const fs::path& directory) {
    std::vector<fs::path> links;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code ignored;
        if (is_link_name(entry->path().filename().string()) && entry->is_symlink(ignored))
            links.push_back(entry->path());
    }
    return links;
}

bool has_packs(const std::vector<FileFound>& files) {
    return std::any_of(files.begin(), files.end(), [](const auto& file) { return is_pack(file.path); });
}

}  // namespace

bool is_pack(const fs::path& path) {
    return path.extension() == kPackSuffix;
}

std::vector<FileFound> files_of(const fs::path& directory) {
    std::vector<FileFound> files;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        struct stat status {};
        if (::lstat(entry->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        files.push_back({entry->path(), static_cast<std::uintmax_t>(status.st_size), status.st_mtim.tv_sec});
    }
    // The order of directory entries is anybody's guess.
    std::sort(files.begin(), files.end(),
              [](const FileFound& a, const FileFound& b) { return a.path < b.path; });
    return files;
}

fs::path CacheDirectory::of_project(const fs::path& root) const {
    return path_ / hexadecimal(hash128(root.native()));
}

fs::path CacheDirectory::link_of(std::string_view kind) const {
    return path_ / (std::string(kLinkPrefix) + hexadecimal(hash128(kind)));
}

/// And the directory itself, where earlier versions had all packs.
std::vector<fs::path> CacheDirectory::project_directories() const {
    std::vector<fs::path> directories = {path_};
    std::error_code error;
    for (fs::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        if (is_hash(entry->path().filename().string()) && entry->is_directory(ignored) &&
            !entry->is_symlink(ignored))
            directories.push_back(entry->path());
    }
    std::sort(directories.begin() + 1, directories.end());
    return directories;
}

CacheInformation CacheDirectory::information() const {
    CacheInformation information;
    for (const auto& directory : project_directories()) {
        for (const auto& file : files_of(directory)) {
            if (!is_pack(file.path)) continue;
            const auto pack = CachePack::open(file.path);
            if (!pack) {
                information.unusable.push_back(pack.error().message);
                continue;
            }
            ++information.packs;
            information.modules += (*pack)->entries().size();
            information.bytes += (*pack)->size();
        }
    }
    return information;
}

Result<std::size_t> CacheDirectory::clean() const {
    std::size_t removed = 0;
    for (const auto& directory : project_directories()) {
        for (const auto& file : files_of(directory)) {
            const bool mark = directory == path_ && file.path.filename() == kTrimmed;
            if (!mark && !is_written_by_cache(file.path)) continue;
            std::error_code error;
            if (!fs::remove(file.path, error) || error)
                return Error{"cannot remove " + file.path.string() + ": " + error.message(), error.value()};
            removed += !mark;
        }
        std::error_code ignored;  // it has something that is not ours
        if (directory != path_) fs::remove(directory, ignored);
    }
    std::error_code ignored;
    for (const auto& link : links_of(path_))
        fs::remove(link, ignored);
    return removed;
}

void CacheDirectory::trim_when_due(std::uintmax_t limit) const {
    const auto mark = path_ / kTrimmed;
    struct stat status {};
    const bool is_there = ::stat(mark.c_str(), &status) == 0;
    if (is_there && is_recent(status, kDay)) return;
    const Fd file(::open(mark.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    // No cache, or one that can't be written; and a cache that has no mark yet is new.
    if (!file || !is_there) return;
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return;
    // Somebody may have done it since we looked. Marked before it is done: one that is killed by it is
    // enough.
    if (::fstat(file.get(), &status) != 0 || is_recent(status, kDay)) return;
    if (::futimens(file.get(), nullptr) != 0) return;
    trim(limit);
}

void CacheDirectory::trim(std::uintmax_t limit) const {
    const auto now = now_seconds();
    std::error_code ignored;
    std::vector<FileFound> packs;
    const auto directories = project_directories();
    for (const auto& directory : directories) {
        for (auto& file : files_of(directory)) {
            if (is_temporary(file.path) && now - file.modified > kUntilAbandoned)
                fs::remove(file.path, ignored);
            if (is_pack(file.path)) packs.push_back(std::move(file));
        }
    }
    std::uintmax_t total = 0;
    for (const auto& pack : packs)
        total += pack.size;
    std::sort(packs.begin(), packs.end(),
              [](const FileFound& a, const FileFound& b) { return a.modified < b.modified; });
    // The newest stays, however large: somebody has just written it.
    for (std::size_t i = 0; i + 1 < packs.size() && total > limit; ++i) {
        fs::remove(packs[i].path, ignored);
        total -= packs[i].size;
    }
    for (const auto& directory : directories) {
        const auto files = files_of(directory);
        struct stat status {};
        // One that has just been made gets its first pack in a moment.
        if (has_packs(files) || ::stat(directory.c_str(), &status) != 0) continue;
        if (directory != path_ && is_recent(status, kUntilAbandoned)) continue;
        for (const auto& file : files) {
            if (file.path.extension() == kStampsSuffix) fs::remove(file.path, ignored);
        }
        if (directory != path_) fs::remove(directory, ignored);
    }
    for (const auto& link : links_of(path_)) {
        if (!fs::exists(link, ignored)) fs::remove(link, ignored);
    }
}

}  // namespace relux::compiler

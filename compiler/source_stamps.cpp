#include "compiler/source_stamps.h"

#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include <xxhash.h>

#include "vm/base/bytes.h"
#include "vm/base/files.h"

namespace relux::compiler {

namespace {

constexpr std::string_view kMagic{"\x89RXS\r\n\x1a\n", 8};
constexpr std::uint32_t kVersion = 2;
/// Limits how many directories are open at once.
constexpr std::size_t kMostDirectories = 64;
/// File systems tell times to a few milliseconds, the coarsest to two seconds.
constexpr std::int64_t kSettled = 2'000'000'000;

std::int64_t nanoseconds(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::optional<FileStamp> stamp_at(int directory, const char* name) {
    struct stat status {};
    if (::fstatat(directory, name, &status, 0) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return FileStamp{static_cast<std::uint64_t>(status.st_size), status.st_ino, nanoseconds(status.st_mtim),
                     nanoseconds(status.st_ctim)};
}

}  // namespace

std::optional<FileStamp> stamp_of(const std::filesystem::path& file) {
    return stamp_at(AT_FDCWD, file.c_str());
}

std::optional<FileStamp> StampReader::read(std::string_view file) {
    const auto slash = file.rfind('/');
    path_ = file.starts_with('/') ? std::string() : root_;
    path_ += file.substr(0, slash + 1);
    auto found = directories_.find(path_);
    if (found == directories_.end()) {
        if (directories_.size() >= kMostDirectories) directories_.clear();
        found = directories_.emplace(path_, ::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)).first;
    }
    if (!found->second) return std::nullopt;
    path_ = file.substr(slash + 1);
    return stamp_at(found->second.get(), path_.c_str());
}

SourceStamps::SourceStamps(const std::filesystem::path& directory, const std::filesystem::path& root)
    : root_(root), file_(directory / (hexadecimal(hash128(root.string())) + ".stamps")) {
    read();
}

void SourceStamps::read() {
    auto bytes = read_file(file_);
    if (!bytes || bytes->size() < kMagic.size() + sizeof(std::uint64_t)) return;
    bytes_ = std::move(*bytes);
    const auto body = std::string_view(bytes_).substr(0, bytes_.size() - sizeof(std::uint64_t));
    ByteReader digest(std::string_view(bytes_).substr(body.size()));
    if (digest.u64() != XXH3_64bits(body.data(), body.size())) return;
    ByteReader reader(body);
    // Another project's, if two roots had one hash.
    if (reader.raw(kMagic.size()) != kMagic || reader.u32() != kVersion || reader.string() != root_.string())
        return;
    auto count = reader.u32();
    known_.reserve(std::min<std::size_t>(count, body.size() / sizeof(Known)));
    for (; count > 0 && !reader.failed(); --count) {
        const auto file = reader.string();
        Known known;
        known.stamp.size = reader.u64();
        known.stamp.inode = reader.u64();
        known.stamp.modified = static_cast<std::int64_t>(reader.u64());
        known.stamp.changed = static_cast<std::int64_t>(reader.u64());
        known.hash.high = reader.u64();
        known.hash.low = reader.u64();
        known_.emplace(file, known);
    }
    if (reader.failed()) known_.clear();
}

std::optional<Hash128> SourceStamps::find(std::string_view file, const FileStamp& stamp) const {
    const auto found = known_.find(file);
    if (found == known_.end() || found->second.stamp != stamp) return std::nullopt;
    return found->second.hash;
}

void SourceStamps::remember(std::string_view file, const FileStamp& stamp, const Hash128& hash) {
    const auto found = known_.find(file);
    (found == known_.end() ? known_[names_.emplace_back(file)] : found->second) = {stamp, hash, true};
}

Status SourceStamps::save() const {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    const auto now = nanoseconds(time);
    std::vector<const std::pair<const std::string_view, Known>*> settled;
    bool changed = false;
    for (const auto& known : known_) {
        const auto& stamp = known.second.stamp;
        if (now - std::max(stamp.modified, stamp.changed) <= kSettled) continue;
        settled.push_back(&known);
        changed |= known.second.is_new;
    }
    if (!changed) return Done{};
    std::sort(settled.begin(), settled.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
    ByteWriter writer;
    writer.raw(kMagic);
    writer.u32(kVersion);
    writer.string(root_.string());
    writer.u32(static_cast<std::uint32_t>(settled.size()));
    for (const auto* known : settled) {
        const auto& [stamp, hash, is_new] = known->second;
        writer.string(known->first);
        writer.u64(stamp.size);
        writer.u64(stamp.inode);
        writer.u64(static_cast<std::uint64_t>(stamp.modified));
        writer.u64(static_cast<std::uint64_t>(stamp.changed));
        writer.u64(hash.high);
        writer.u64(hash.low);
    }
    const auto& body = writer.bytes();
    writer.u64(XXH3_64bits(body.data(), body.size()));
    return replace_file(file_, writer.bytes());
}

}  // namespace relux::compiler

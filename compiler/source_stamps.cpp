#include "compiler/source_stamps.h"

#include <algorithm>
#include <ctime>
#include <sys/stat.h>
#include <vector>

#include <xxhash.h>

#include "vm/base/bytes.h"
#include "vm/base/files.h"

namespace relux::compiler {

namespace {

constexpr std::string_view kMagic{"\x89RXS\r\n\x1a\n", 8};
constexpr std::uint32_t kVersion = 1;
/// File systems tell times to a few milliseconds, the coarsest to two seconds.
constexpr std::int64_t kSettled = 2'000'000'000;

std::int64_t nanoseconds(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::optional<FileStamp> stamp_of(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return FileStamp{static_cast<std::uint64_t>(status.st_size), status.st_ino, nanoseconds(status.st_mtim),
                     nanoseconds(status.st_ctim)};
}

SourceStamps::SourceStamps(const std::filesystem::path& directory, const std::filesystem::path& root)
    : root_(root), file_(directory / (hexadecimal(hash128(root.string())) + ".stamps")) {
    read();
}

void SourceStamps::read() {
    const auto bytes = read_file(file_);
    if (!bytes || bytes->size() < kMagic.size() + sizeof(std::uint64_t)) return;
    const auto body = std::string_view(*bytes).substr(0, bytes->size() - sizeof(std::uint64_t));
    ByteReader digest(std::string_view(*bytes).substr(body.size()));
    if (digest.u64() != XXH3_64bits(body.data(), body.size())) return;
    ByteReader reader(body);
    // Another project's, if two roots had one hash.
    if (reader.raw(kMagic.size()) != kMagic || reader.u32() != kVersion || reader.string() != root_.string())
        return;
    for (auto count = reader.u32(); count > 0 && !reader.failed(); --count) {
        auto file = std::string(reader.string());
        Known known;
        known.stamp.size = reader.u64();
        known.stamp.inode = reader.u64();
        known.stamp.modified = static_cast<std::int64_t>(reader.u64());
        known.stamp.changed = static_cast<std::int64_t>(reader.u64());
        known.hash.high = reader.u64();
        known.hash.low = reader.u64();
        known_.emplace(std::move(file), known);
    }
    if (reader.failed()) known_.clear();
}

std::optional<Hash128> SourceStamps::find(const std::string& file, const FileStamp& stamp) const {
    const auto found = known_.find(file);
    if (found == known_.end() || found->second.stamp != stamp) return std::nullopt;
    return found->second.hash;
}

void SourceStamps::remember(const std::string& file, const FileStamp& stamp, const Hash128& hash) {
    known_[file] = {stamp, hash};
    changed_ = true;
}

Status SourceStamps::save() const {
    if (!changed_) return Done{};
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    const auto now = nanoseconds(time);
    std::vector<const std::pair<const std::string, Known>*> settled;
    for (const auto& known : known_) {
        const auto& stamp = known.second.stamp;
        if (now - std::max(stamp.modified, stamp.changed) > kSettled) settled.push_back(&known);
    }
    std::sort(settled.begin(), settled.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
    ByteWriter writer;
    writer.raw(kMagic);
    writer.u32(kVersion);
    writer.string(root_.string());
    writer.u32(static_cast<std::uint32_t>(settled.size()));
    for (const auto* known : settled) {
        const auto& [stamp, hash] = known->second;
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

#include "compiler/module_cache.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>

#include "vm/base/fd.h"
#include "vm/base/files.h"
#include "vm/bytecode/module_file.h"

namespace relux::compiler {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = ".rxp";
/// Packs below this size are gathered when there are more than kMostSmallPacks of them: each costs a run a
/// few microseconds.
constexpr std::size_t kSmallPack = 1024 * 1024;
constexpr std::size_t kMostSmallPacks = 16;
/// Use is noted no more often than this.
constexpr std::int64_t kSecondsBetweenTouches = 24 * 60 * 60;
/// What a writer that was killed has left is removed after this time.
constexpr std::int64_t kSecondsUntilAbandoned = 60 * 60;

struct FileFound {
    fs::path path;
    std::uintmax_t size = 0;
    std::int64_t modified = 0;  ///< seconds
};

bool is_pack(const fs::path& path) {
    return path.extension() == kSuffix;
}

/// A file that replace_file() had not finished.
bool is_temporary(const fs::path& path) {
    return path.filename().string().find(std::string(kSuffix) + ".new-") != std::string::npos;
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

std::int64_t now_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

}  // namespace

ModuleCache::ModuleCache(fs::path directory, std::uintmax_t limit)
    : directory_(std::move(directory)), limit_(limit) {
    for (const auto& file : files_of(directory_)) {
        if (!is_pack(file.path)) continue;
        auto pack = CachePack::open(file.path);
        if (pack) {
            index(std::move(*pack));
        } else {
            unusable_.push_back(pack.error().message);
        }
    }
}

void ModuleCache::index(std::unique_ptr<CachePack> pack) {
    by_source_.reserve(by_source_.size() + pack->entries().size());
    for (const auto& entry : pack->entries())
        by_source_.emplace(entry.source_key, CachedModule{pack.get(), &entry});
    packs_.push_back(std::move(pack));
}

void ModuleCache::reject(const CachedModule& module) {
    const auto [first, last] = by_source_.equal_range(module.entry->source_key);
    const auto found =
        std::find_if(first, last, [&](const auto& known) { return known.second.entry == module.entry; });
    if (found != last) by_source_.erase(found);
}

Status ModuleCache::add(const std::vector<NewModule>& modules) {
    if (modules.empty()) return Done{};
    std::vector<PackedModule> packed;
    std::set<Hash128> keys;
    packed.reserve(modules.size());
    for (const auto& module : modules) {
        packed.push_back({{*module.facts, module.source_key, module.module_key, 0, 0}, module.bytes});
        keys.insert(module.module_key);
    }
    std::vector<fs::path> gathered;
    const auto is_small = [](const auto& pack) { return pack->size() < kSmallPack; };
    if (static_cast<std::size_t>(std::count_if(packs_.begin(), packs_.end(), is_small)) >= kMostSmallPacks) {
        for (const auto& pack : packs_) {
            if (!is_small(pack)) continue;
            gathered.push_back(pack->file());
            for (const auto& entry : pack->entries()) {
                // What is damaged must not get a second life.
                if (keys.insert(entry.module_key).second && pack->load(entry))
                    packed.push_back({entry, pack->bytes_of(entry)});
            }
        }
    }
    const auto text = write_pack(std::move(packed));
    std::error_code error;
    fs::create_directories(directory_, error);
    if (error) return Error{"cannot create " + directory_.string() + ": " + error.message(), error.value()};
    const auto name = hexadecimal(hash128(text.pieces)) + std::string(kSuffix);
    if (auto written = replace_file(directory_ / name, text.pieces); !written) return written;
    for (const auto& path : gathered) {
        if (path.filename() != name) fs::remove(path, error);
    }
    evict();
    return Done{};
}

void ModuleCache::touch(const CachePack& pack) const {
    struct stat status {};
    if (::stat(pack.file().c_str(), &status) != 0) return;
    if (now_seconds() - status.st_mtim.tv_sec < kSecondsBetweenTouches) return;
    ::utimensat(AT_FDCWD, pack.file().c_str(), nullptr, 0);
}

void ModuleCache::evict() const {
    auto files = files_of(directory_);
    std::error_code ignored;
    const auto now = now_seconds();
    for (const auto& file : files) {
        if (is_temporary(file.path) && now - file.modified > kSecondsUntilAbandoned)
            fs::remove(file.path, ignored);
    }
    std::erase_if(files, [](const FileFound& file) { return !is_pack(file.path); });
    std::uintmax_t total = 0;
    for (const auto& file : files)
        total += file.size;
    std::sort(files.begin(), files.end(),
              [](const FileFound& a, const FileFound& b) { return a.modified < b.modified; });
    // The newest stays, however large: it is the one just written.
    for (std::size_t i = 0; i + 1 < files.size() && total > limit_; ++i) {
        fs::remove(files[i].path, ignored);
        total -= files[i].size;
    }
}

CacheInformation ModuleCache::information() const {
    CacheInformation information;
    information.packs = packs_.size();
    for (const auto& pack : packs_) {
        information.modules += pack->entries().size();
        information.bytes += pack->size();
    }
    information.unusable = unusable_;
    return information;
}

Result<std::size_t> ModuleCache::clean(const fs::path& directory) {
    std::size_t removed = 0;
    for (const auto& file : files_of(directory)) {
        if (!is_pack(file.path) && !is_temporary(file.path) && file.path.extension() != ".stamps") continue;
        std::error_code error;
        if (!fs::remove(file.path, error) || error)
            return Error{"cannot remove " + file.path.string() + ": " + error.message(), error.value()};
        ++removed;
    }
    return removed;
}

}  // namespace relux::compiler

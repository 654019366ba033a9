#include "compiler/module_cache.h"

#include <algorithm>
#include <ctime>
#include <deque>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/cache_directory.h"
#include "vm/base/files.h"
#include "vm/bytecode/module_file.h"

namespace relux::compiler {

namespace fs = std::filesystem;

namespace {

/// Packs below this size are gathered when there are more than kMostSmallPacks of them: each costs a run a
/// few microseconds.
constexpr std::size_t kSmallPack = 1024 * 1024;
constexpr std::size_t kMostSmallPacks = 16;
/// Use is noted no more often than this.
constexpr std::int64_t kSecondsBetweenTouches = 24 * 60 * 60;

std::int64_t now_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

}  // namespace

ModuleCache::ModuleCache(fs::path directory, fs::path link)
    : directory_(std::move(directory)), link_(std::move(link)) {
    read_packs();
    if (!packs_.empty() || link_.empty()) return;
    take_over();
    read_packs();
}

void ModuleCache::read_packs() {
    unusable_.clear();
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

// Files of two names: each project may remove its own. Where that can't be made, all is compiled again.
void ModuleCache::take_over() const {
    const auto packs = files_of(link_);
    std::error_code error;
    if (packs.empty() || fs::equivalent(link_, directory_, error)) return;
    fs::create_directories(directory_, error);
    for (const auto& pack : packs) {
        if (is_pack(pack.path)) fs::create_hard_link(pack.path, directory_ / pack.path.filename(), error);
    }
}

void ModuleCache::point_link() const {
    std::error_code error;
    if (link_.empty() || fs::read_symlink(link_, error) == directory_.filename()) return;
    const auto temporary = link_.string() + ".new-" + std::to_string(::getpid());
    fs::create_symlink(directory_.filename(), temporary, error);
    if (!error) fs::rename(temporary, link_, error);
    if (error) fs::remove(temporary, error);
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
    std::deque<std::string> texts;  // of those that are gathered
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
                // A damaged entry must not get a second life.
                if (!keys.insert(entry.module_key).second) continue;
                auto bytes = pack->bytes_of(entry);
                if (pack->load(entry, bytes)) packed.push_back({entry, texts.emplace_back(std::move(bytes))});
            }
        }
    }
    const auto text = write_pack(std::move(packed));
    std::error_code error;
    fs::create_directories(directory_, error);
    if (error) return Error{"cannot create " + directory_.string() + ": " + error.message(), error.value()};
    const auto name = hexadecimal(hash128(text.pieces)) + std::string(kPackSuffix);
    if (auto written = replace_file(directory_ / name, text.pieces); !written) return written;
    for (const auto& path : gathered) {
        if (path.filename() != name) fs::remove(path, error);
    }
    point_link();
    return Done{};
}

void ModuleCache::touch(const CachePack& pack) const {
    struct stat status {};
    if (::stat(pack.file().c_str(), &status) != 0) return;
    if (now_seconds() - status.st_mtim.tv_sec < kSecondsBetweenTouches) return;
    ::utimensat(AT_FDCWD, pack.file().c_str(), nullptr, 0);
}

}  // namespace relux::compiler

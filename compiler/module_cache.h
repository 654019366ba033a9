// The compiled modules of one project in the cache: a directory of packs, shared by all processes of a user.
// A module that is found in it is what compiling would give; one that is damaged, foreign or of another
// version is as if it were not there. Nothing that goes wrong with it makes a run fail.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/cache_pack.h"

namespace relux::compiler {

/// A module in the cache; both live as long as the ModuleCache.
struct CachedModule {
    const CachePack* pack = nullptr;
    const PackEntry* entry = nullptr;
};

/// A module that has just been compiled.
struct NewModule {
    std::string_view bytes;  ///< as bytecode::write_module() gives them
    const ModuleFacts* facts = nullptr;
    Hash128 source_key;
    Hash128 module_key;
};

class ModuleCache {
  public:
    /// Reads the tables of all packs in `directory`, which need not exist. Packs that are unusable are left
    /// out. One that has none begins with those of the directory that `link` leads to, if that is not empty;
    /// when packs have been added, it leads here.
    explicit ModuleCache(std::filesystem::path directory, std::filesystem::path link = {});

    const std::filesystem::path& directory() const { return directory_; }
    /// Those of one source: with different interfaces of what it imports, or another environment.
    auto find(const Hash128& source_key) const { return by_source_.equal_range(source_key); }
    /// Whether it has no modules at all.
    bool empty() const { return by_source_.empty(); }
    /// Why packs were left out, a sentence each.
    const std::vector<std::string>& unusable() const { return unusable_; }

    /// A damaged module is not offered again by this object.
    void reject(const CachedModule& module);

    /// Writes a pack of these modules. Small packs are gathered in the new one. An error tells why nothing
    /// was written.
    Status add(const std::vector<NewModule>& modules);
    /// Notes that packs are in use, for the order in which they go. Costs one system call a day and pack.
    void touch(const CachePack& pack) const;

  private:
    void index(std::unique_ptr<CachePack> pack);
    void read_packs();
    void take_over() const;
    void point_link() const;

    std::filesystem::path directory_;
    std::filesystem::path link_;
    std::vector<std::unique_ptr<CachePack>> packs_;
    std::unordered_multimap<Hash128, CachedModule, Hash128Hasher> by_source_;
    std::vector<std::string> unusable_;
};

}  // namespace relux::compiler

// The modules of a suite that was compiled with a cache: some fresh in memory, most in the cache until they
// are used.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/compile.h"
#include "compiler/module_cache.h"
#include "vm/exec/program.h"

namespace relux::compiler {

class CachedSource final : public exec::ModuleSource {
  public:
    /// Keeps the cache, `facts` and `texts` for those who have pointers to them, and `memory`, which has the
    /// bytes of modules. `options` are for a module that turns out to be damaged.
    CachedSource(std::unique_ptr<ModuleCache> cache, CompileOptions options, std::deque<ModuleFacts> facts,
                 std::deque<std::deque<std::string>> texts, std::vector<std::unique_ptr<ArenaPool>> memory);

    void reserve(std::size_t count);
    /// In the order of their names. What bytecode::write_module() has given: it passes the verifier when it
    /// is loaded.
    void add(std::string_view name, std::string_view bytes);
    void add(std::string_view name, CachedModule cached);

    const std::vector<std::string>& names() const override { return names_; }
    Result<bytecode::Module> load(std::size_t number) override;

  private:
    Result<bytecode::Module> compile_again(const std::string& name, const ModuleFacts& facts) const;

    struct Place {
        std::string_view bytes;
        CachedModule cached;
    };
    std::unique_ptr<ModuleCache> cache_;
    CompileOptions options_;
    std::deque<ModuleFacts> facts_;
    std::deque<std::deque<std::string>> texts_;
    std::vector<std::unique_ptr<ArenaPool>> memory_;
    std::vector<std::string> names_;
    std::vector<Place> modules_;
};

}  // namespace relux::compiler

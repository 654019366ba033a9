#include "compiler/cached_source.h"

#include <algorithm>
#include <utility>

#include "vm/base/assert.h"
#include "vm/bytecode/module_file.h"

namespace relux::compiler {

CachedSource::CachedSource(std::unique_ptr<ModuleCache> cache, CompileOptions options,
                           std::deque<ModuleFacts> facts, std::deque<std::deque<std::string>> texts,
                           std::vector<std::unique_ptr<ArenaPool>> memory)
    : cache_(std::move(cache)),
      options_(std::move(options)),
      facts_(std::move(facts)),
      texts_(std::move(texts)),
      memory_(std::move(memory)) {}

void CachedSource::reserve(std::size_t count) {
    names_.reserve(count);
    modules_.reserve(count);
}

void CachedSource::add(std::string_view name, std::string_view bytes) {
    names_.emplace_back(name);
    modules_.push_back({bytes, {}});
}

void CachedSource::add(std::string_view name, CachedModule cached) {
    names_.emplace_back(name);
    modules_.push_back({{}, cached});
}

Result<bytecode::Module> CachedSource::load(std::size_t number) {
    const auto& [bytes, cached] = modules_[number];
    if (cached.entry == nullptr) {
        auto module = bytecode::read_module(bytes);
        RELUX_ASSERT(module, module.error().message.c_str());
        return module;
    }
    if (auto loaded = cached.pack->load(*cached.entry)) return loaded;
    // It is damaged, which shows only now.
    return compile_again(names_[number], cached.entry->facts);
}

Result<bytecode::Module> CachedSource::compile_again(const std::string& name,
                                                     const ModuleFacts& facts) const {
    auto options = options_;
    options.wanted = [&](std::string_view wanted) { return wanted == name; };
    options.environment_has = [&](std::string_view variable, std::string_view) {
        return std::any_of(facts.environment.begin(), facts.environment.end(),
                           [&](const EnvironmentFact& fact) { return fact.set && fact.name == variable; });
    };
    auto compiled = compile_suite(options, {options.suite_root / name});
    if (compiled.modules.size() == 1) return std::move(compiled.modules.front());
    return Error{name + " is damaged in the cache, and its source can no longer be compiled"};
}

}  // namespace relux::compiler

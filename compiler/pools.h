// The constant pools and reference tables of a module under construction: each entry once, in the order of
// first use, so that the same input gives the same bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "frontend/program.h"
#include "vm/base/flat_map.h"
#include "vm/bytecode/module.h"

namespace relux::compiler {

class Pools {
  public:
    /// `module` must stay where it is.
    Pools(bytecode::Module& module, const frontend::LoadedModule& source)
        : module_(module), source_(source) {}

    /// Texts outlive the pools, as all that is in sources and syntax does.
    std::uint32_t string(std::string_view text);
    std::uint32_t pattern(std::string_view text);
    std::uint32_t duration(std::int64_t nanoseconds);
    std::uint32_t function_ref(const frontend::FunctionSymbol& function);
    std::uint32_t effect_ref(const frontend::EffectSymbol& effect);
    std::uint32_t native_ref(std::string_view name, std::size_t arity);

  private:
    /// kNone for the module itself.
    std::uint32_t module_name(const frontend::LoadedModule* module);

    bytecode::Module& module_;
    const frontend::LoadedModule& source_;
    FlatMap<std::string_view, std::uint32_t> strings_;
    FlatMap<std::string_view, std::uint32_t> patterns_;
    std::unordered_map<std::int64_t, std::uint32_t> durations_;
    FlatMap<const frontend::FunctionSyntax*, std::uint32_t> functions_;
    FlatMap<const frontend::EffectSyntax*, std::uint32_t> effects_;
    std::map<std::pair<std::string_view, std::size_t>, std::uint32_t> natives_;
};

}  // namespace relux::compiler

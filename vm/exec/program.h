// A linked suite: verified modules with every reference by name turned into a pointer. Immutable after link,
// so any number of loop threads may run it. It must outlive every Value that a run of it has made, because
// constants are shared without being counted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"
#include "vm/bytecode/module.h"
#include "vm/exec/natives.h"
#include "vm/exec/value.h"

namespace relux::exec {

struct LinkedModule;

struct FunctionTarget {
    const LinkedModule* module = nullptr;
    const bytecode::Function* function = nullptr;
};

struct EffectTarget {
    const LinkedModule* module = nullptr;
    const bytecode::Effect* effect = nullptr;

    bool operator==(const EffectTarget&) const = default;
    const bytecode::Scope& scope() const;
    std::string_view name() const;
};

/// A module and, index by index, what its tables refer to.
struct LinkedModule {
    bytecode::Module code;
    std::uint32_t number = 0;               ///< position in Program::modules
    std::vector<Value> constants;           ///< code.strings, immortal
    std::vector<Value> patterns;            ///< code.patterns, immortal
    std::vector<FunctionTarget> functions;  ///< for code.function_refs
    std::vector<EffectTarget> effects;      ///< for code.effect_refs
    std::vector<const Native*> natives;     ///< for code.native_refs

    LinkedModule() = default;
    LinkedModule(const LinkedModule&) = delete;
    LinkedModule& operator=(const LinkedModule&) = delete;
    ~LinkedModule();

    std::string_view string(bytecode::StringIndex index) const { return code.strings[index]; }
};

class Program {
  public:
    /// Links modules that have passed the verifier. A reference that nothing satisfies is an error naming
    /// both ends.
    static Result<std::unique_ptr<Program>> link(std::vector<bytecode::Module> modules);

    const std::vector<std::unique_ptr<LinkedModule>>& modules() const { return modules_; }
    /// Null when there is none of that name.
    const LinkedModule* find_module(std::string_view name) const;

  private:
    std::vector<std::unique_ptr<LinkedModule>> modules_;  ///< sorted by name
};

}  // namespace relux::exec

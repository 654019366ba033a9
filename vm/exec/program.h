// A linked suite: verified modules with every reference by name turned into a pointer. A module that is
// loaded stays as it is, so any number of fibers may run it. A program must outlive every Value that a run of
// it has made, because constants are shared without being counted.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"
#include "vm/bytecode/module.h"
#include "vm/exec/natives.h"
#include "vm/exec/value.h"
#include "vm/value/path.h"

namespace relux::data {
struct Function;
}

namespace relux::exec {

struct LinkedModule;
class SymbolTable;

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

struct WorkflowTarget {
    const LinkedModule* module = nullptr;
    const bytecode::Workflow* workflow = nullptr;
    const LinkedModule* step_module = nullptr;  ///< with `step`
    const bytecode::Step* step = nullptr;       ///< the only one to run; null: all of them
};

/// A module and, index by index, what its tables refer to.
struct LinkedModule {
    bytecode::Module code;
    std::uint32_t number = 0;                               ///< position among the program's modules, by name
    std::vector<Value> constants;                           ///< code.strings, immortal
    std::vector<Value> patterns;                            ///< code.patterns, immortal
    std::vector<relux::value::Path> paths;                  ///< code.paths
    std::vector<FunctionTarget> functions;                  ///< for code.function_refs
    std::vector<EffectTarget> effects;                      ///< for code.effect_refs
    std::vector<const Native*> natives;                     ///< for code.native_refs
    std::vector<const data::Function*> template_functions;  ///< for code.template_functions
    std::vector<WorkflowTarget> workflows;                  ///< for code.workflow_refs

    LinkedModule() = default;
    LinkedModule(const LinkedModule&) = delete;
    LinkedModule& operator=(const LinkedModule&) = delete;
    ~LinkedModule();

    std::string_view string(bytecode::StringIndex index) const { return code.strings[index]; }
};

/// Where the modules of a program come from when they are first needed.
class ModuleSource {
  public:
    virtual ~ModuleSource() = default;
    /// Sorted, each once; the same as long as the source lives.
    virtual const std::vector<std::string>& names() const = 0;
    /// The module of that number, which has passed the verifier. Asked once for each.
    virtual Result<bytecode::Module> load(std::size_t number) = 0;
};

class Program {
  public:
    /// Links modules that have passed the verifier. A reference that nothing satisfies is an error naming
    /// both ends.
    static Result<std::unique_ptr<Program>> link(std::vector<bytecode::Module> modules);
    /// A program whose modules are loaded when they are asked for.
    static std::unique_ptr<Program> open(std::unique_ptr<ModuleSource> source);
    ~Program();

    /// The module of that name, loaded and linked with all that it refers to. The error names the module that
    /// can't be loaded, or both ends of a reference that nothing satisfies; it is the same every time. May be
    /// called by any thread, and what it gives may be used by any.
    Result<const LinkedModule*> load(std::string_view name);
    /// By name; null: not loaded yet.
    const std::vector<std::unique_ptr<LinkedModule>>& modules() const { return modules_; }
    /// Null unless it is loaded.
    const LinkedModule* find_module(std::string_view name) const;

  private:
    explicit Program(std::unique_ptr<ModuleSource> source);
    std::optional<std::size_t> number_of(std::string_view name) const;
    Result<std::vector<LinkedModule*>> read_with_references(std::size_t number);

    std::mutex mutex_;  // held while modules are loaded
    std::unique_ptr<ModuleSource> source_;
    std::vector<std::unique_ptr<LinkedModule>> modules_;  ///< as the names of the source; null: not loaded
    std::unique_ptr<SymbolTable> symbols_;                ///< of the modules that are loaded
    std::string error_;                                   ///< the first, after which nothing can be loaded
};

}  // namespace relux::exec

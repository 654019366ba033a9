// The suite between parsing and lowering: its modules, what every name in them means, what is wrong with
// them. Built by load_modules (module_loader.h) and resolve (resolve.h), read by check.h and the compiler.
// Every view points into a Source or a ModuleSyntax that the Program owns.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "frontend/ast.h"
#include "frontend/diagnostic.h"
#include "frontend/source.h"
#include "vm/base/flat_map.h"

namespace relux::frontend {

inline constexpr std::uint32_t kNoIndex = 0xffffffff;

/// A built-in function as the language sees it; one row covers a range of arities.
struct Builtin {
    std::string_view name;
    std::uint32_t minimum_arity = 0;
    std::uint32_t maximum_arity = 0;
    bool pure = false;
};

struct LoadedModule;

/// A definition: the module that has it and its index there. Two symbols are equal when the definition is
/// one.
struct FunctionSymbol {
    LoadedModule* module = nullptr;  ///< null: undefined, already reported
    std::uint32_t index = 0;
    bool operator==(const FunctionSymbol&) const = default;
    const FunctionSyntax& syntax() const;
};
struct EffectSymbol {
    LoadedModule* module = nullptr;  ///< null: undefined, already reported
    std::uint32_t index = 0;
    bool operator==(const EffectSymbol&) const = default;
    const EffectSyntax& syntax() const;
    struct EffectResolution& resolution() const;
};

/// A definition under the name by which a module sees it, and what brought it in.
template <class Symbol>
struct Visible {
    Symbol symbol;
    SourceRange place;
    bool imported = false;
};

/// Says what a name stands for that is read or written.
struct Binding {
    enum class Kind : std::uint8_t {
        Local,            ///< variable `index` of the function, of the shell's frame, or of the cleanup block
        Slot,             ///< variable `index` of the test or effect
        Environment,      ///< overlays, then the base environment
        BaseEnvironment,  ///< the base environment only: functions and markers
        AliasVariable,    ///< entry `index` of ScopeResolution::alias_variables
        Undefined,        ///< already reported
    };
    Kind kind = Kind::Undefined;
    std::uint32_t index = 0;
};

/// Exactly one of the two is set, or none when the call is undefined (already reported).
struct CallTarget {
    FunctionSymbol function;
    const Builtin* builtin = nullptr;
};

struct ResolvedStart {
    EffectSymbol effect;
    std::vector<std::uint32_t> waits_for;  ///< starts whose variables the overlay reads; sorted, each once
};

struct ResolvedExpose {
    bool variable = false;
    std::string_view name;           ///< as seen outside
    std::uint32_t start = kNoIndex;  ///< kNoIndex: the effect's own
    std::string_view inner_name;     ///< in that start, or of the own shell
    std::uint32_t slot = kNoIndex;   ///< own variable
    SourceRange range;
};

/// One shell as a test or effect sees it.
struct ResolvedFrame {
    std::uint32_t start = kNoIndex;  ///< kNoIndex: opened here
    std::string_view name;
    std::vector<std::string_view> variables;  ///< those of all its blocks, by index
};

struct AliasVariableUse {
    std::uint32_t start = 0;
    std::string_view name;
};

/// The body of one test or effect with its names resolved.
struct ScopeResolution {
    const ScopeBody* body = nullptr;
    std::vector<std::string_view> slots;
    std::vector<std::uint32_t>
        environment_slots;              ///< exposed expectations: set from the overlay of the same name
    std::vector<ResolvedStart> starts;  ///< as body->starts
    std::unordered_map<std::string_view, std::uint32_t> aliases;
    std::vector<AliasVariableUse> alias_variables;
    std::vector<ResolvedFrame> frames;
    std::vector<std::uint32_t> block_frames;  ///< frame of each of body->shells
    std::vector<std::string_view> cleanup_variables;
};

/// An expectation that whoever starts an effect has to meet: its own, or of an effect that it starts.
struct Requirement {
    std::string_view name;
    EffectSymbol effect;
};

struct EffectResolution {
    ScopeResolution scope;
    std::vector<ResolvedExpose> exposes;
    bool implicit_expose = false;  ///< no `expose`: the first local shell, by the rule of edition 0.4
    enum class State : std::uint8_t { Unvisited, Active, Done };
    State state = State::Unvisited;  ///< of the walk that finds its exposes and effect cycles
    State requirement_state = State::Unvisited;
    std::vector<Requirement> requirements;  ///< filled by the check of expectations
};

/// A name looked up in the environment, kept for the check of names that nothing sets.
struct EnvironmentRead {
    std::string_view name;
    SourceRange range;
    enum class From : std::uint8_t { Function, Test, Effect };
    From from = From::Function;
    std::uint32_t index = 0;   ///< of the function, test or effect
    std::string_view nearest;  ///< the declared name most like it, or empty
};

/// A test that has an error or reaches one.
struct BrokenTest {
    std::string_view name;
    std::uint32_t position = 0;  ///< among all tests of the file, from 0
    std::string reason;          ///< that error with its place, one line
};

struct LoadedModule {
    std::string name;                ///< path below the project root, with `/`
    const Source* source = nullptr;  ///< null when the file could not be read
    ModuleSyntax syntax;
    DiagnosticSink sink;  ///< everything found in this file
    std::vector<LoadedModule*>
        imports;  ///< as syntax.imports; null: missing or part of a cycle, already reported
    bool incomplete =
        false;  ///< its own names or those it imports are not all known: don't report unknown ones
    bool reaches_errors = false;  ///< it or a module that it imports, however far, has errors
    // The three members that take_out_errors() sets (reached_errors.h).
    bool unusable = false;  ///< nothing can be made of it: its syntax has errors, or its code exceeds a limit
    std::vector<BrokenTest> broken_tests;  ///< no longer in `syntax`
    std::string unusable_because;          ///< an error with its place, one line

    /// Names, those of functions as `f/2`, that stand for two things, which is reported.
    std::unordered_set<std::string> conflicts;

    std::unordered_map<std::string_view, std::vector<Visible<FunctionSymbol>>> functions;  ///< all arities
    std::unordered_map<std::string_view, Visible<EffectSymbol>> effects;

    // The maps are keyed by the address of the syntax node: VariableExpression, MemberExpression, TextPart,
    // Let, Assign, or an OverlayEntry without a value.
    FlatMap<const void*, Binding> bindings;
    FlatMap<const CallExpression*, CallTarget> calls;
    std::vector<std::vector<std::string_view>> function_variables;  ///< by function: parameters, then locals
    std::vector<EffectResolution> effect_resolutions;               ///< as syntax.effects
    std::vector<ScopeResolution> test_resolutions;                  ///< as syntax.tests
    std::vector<EnvironmentRead> environment_reads;

    bool has_errors() const { return sink.error_count() != 0; }
    bool is_library() const { return name.starts_with("relux/lib/"); }
};

struct Program {
    Edition edition = Edition::V0_4;
    std::span<const Builtin> builtins;
    std::unique_ptr<ArenaPool> trees = std::make_unique<ArenaPool>();  ///< hold the syntax of the modules
    std::vector<std::unique_ptr<Source>> sources;
    std::vector<std::unique_ptr<LoadedModule>> modules;  ///< in the order in which they were met
    std::vector<LoadedModule*> order;                    ///< every module after those that it imports
    std::vector<LoadedModule*> roots;                    ///< the files that were asked for
    /// The import path of the only module of the library that defines `f/2`, or the effect `Db`; empty: there
    /// is none, or more than one. Empty itself: nothing is known of the library.
    std::function<std::string(const std::string& name)> exporter_of;

    const Builtin* find_builtin(std::string_view name, std::size_t arity) const;
    std::unordered_multimap<std::string_view, const Builtin*> builtins_by_name;
};

inline const FunctionSyntax& FunctionSymbol::syntax() const {
    return module->syntax.functions[index];
}
inline const EffectSyntax& EffectSymbol::syntax() const {
    return module->syntax.effects[index];
}
inline EffectResolution& EffectSymbol::resolution() const {
    return module->effect_resolutions[index];
}

/// Makes a Program that knows `builtins`, which must outlive it.
Program make_program(Edition edition, std::span<const Builtin> builtins);

/// Sets reaches_errors of every module.
void mark_reached_errors(Program& program);

/// Holds all that a diagnostic may have besides its message.
struct DiagnosticParts {
    std::vector<DiagnosticNote> notes;
    std::string hint;
};
/// Whether an import of the module names it: a name that is still unknown then has been reported there.
bool names_import(const LoadedModule& module, std::string_view name);

/// Reports into the module's own sink.
void report(LoadedModule& module, DiagnosticCode code, SourceRange range, std::string message,
            DiagnosticParts parts = {});

/// The hint for a name that is not visible in a module: the import that is missing. Empty: none is known.
std::string missing_import(const Program& program, const LoadedModule& module, std::string_view name,
                           const std::string& definition);

/// "`a`", "`a` and `b`", "`a`, `b` and `c`".
std::string quoted_list(const std::vector<std::string>& names);

}  // namespace relux::frontend

// Gives every name of a loaded program its meaning: imports, definitions, calls, effects, shells, variables.
// Reports what cannot be resolved into the module that says it; never stops at the first mistake.
#pragma once

#include "frontend/program.h"

namespace relux::frontend {

/// All of it, in order. Modules whose syntax has errors get their symbol tables only, so that others can
/// import them.
void resolve(Program& program);

/// Its stages. Symbols of all modules first; then for each module, after those that it imports, scopes and
/// names.
void resolve_symbols(const Program& program, LoadedModule& module);
void resolve_scopes(const Program& program, LoadedModule& module);
void resolve_names(const Program& program, LoadedModule& module);

/// `f/2`
std::string signature(std::string_view name, std::size_t arity);

/// The exposed shell or variable of that name, or null. `effect` has been through resolve_scopes.
const ResolvedExpose* find_expose(const EffectResolution& effect, bool variable, std::string_view name);
/// The only shell that the effect exposes, or null when there is none or more than one.
const ResolvedExpose* only_shell(const EffectResolution& effect);

/// "; did you mean `x`?" or nothing.
std::string did_you_mean(std::string_view name, std::vector<std::string_view> candidates);

}  // namespace relux::frontend

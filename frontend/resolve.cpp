// The order of the stages, and what they say about names that are nearly right.
#include "frontend/resolve.h"

#include <algorithm>

#include "vm/base/text.h"

namespace relux::frontend {

void resolve(Program& program) {
    for (LoadedModule* module : program.order) {
        if (module->source == nullptr) continue;
        resolve_symbols(program, *module);
        resolve_scopes(program, *module);
        // After a syntax error statements are missing, and looking at the others would find follow-up errors
        // only.
        if (!module->syntax.has_errors) resolve_names(program, *module);
    }
}

std::string signature(std::string_view name, std::size_t arity) {
    return std::string(name) + "/" + std::to_string(arity);
}

const ResolvedExpose* find_expose(const EffectResolution& effect, bool variable, std::string_view name) {
    for (const ResolvedExpose& expose : effect.exposes) {
        if (expose.variable == variable && expose.name == name) return &expose;
    }
    return nullptr;
}

const ResolvedExpose* only_shell(const EffectResolution& effect) {
    const ResolvedExpose* only = nullptr;
    for (const ResolvedExpose& expose : effect.exposes) {
        if (expose.variable) continue;
        if (only != nullptr) return nullptr;
        only = &expose;
    }
    return only;
}

std::string did_you_mean(std::string_view name, std::vector<std::string_view> candidates) {
    // Sorted, since candidates come out of hash maps and the first of the equally near ones is taken.
    std::sort(candidates.begin(), candidates.end());
    std::string_view nearest = nearest_name(name, candidates);
    return nearest.empty() ? std::string() : "; did you mean `" + std::string(nearest) + "`?";
}

}  // namespace relux::frontend

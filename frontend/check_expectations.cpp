// Expectations along every path of starts. The paths are not walked one by one: what an effect still needs
// from outside is the same whoever starts it, so it is computed once, and each start of a test takes away its
// overlay.
#include <algorithm>

#include "frontend/check.h"

namespace relux::frontend {
namespace {

bool overlays(const StartSyntax& start, std::string_view name) {
    return std::any_of(start.overlay.begin(), start.overlay.end(),
                       [&](const OverlayEntry& entry) { return entry.key.text == name; });
}

bool expects(const EffectSyntax& effect, std::string_view name) {
    return std::any_of(effect.body.expects.begin(), effect.body.expects.end(),
                       [&](const Name& expected) { return expected.text == name; });
}

void add_requirement(std::vector<Requirement>& requirements, const Requirement& added) {
    for (const Requirement& known : requirements) {
        if (known.name == added.name && known.effect == added.effect) return;
    }
    requirements.push_back(added);
}

const std::vector<Requirement>& requirements_of(const EffectSymbol& effect) {
    using State = EffectResolution::State;
    EffectResolution& resolution = effect.resolution();
    // Active: an effect cycle, which is an error of its own.
    if (resolution.requirement_state != State::Unvisited) return resolution.requirements;
    resolution.requirement_state = State::Active;
    const EffectSyntax& syntax = effect.syntax();
    std::vector<Requirement> requirements;
    for (const Name& expected : syntax.body.expects)
        add_requirement(requirements, {expected.text, effect});
    for (std::size_t i = 0; i < resolution.scope.starts.size(); ++i) {
        const EffectSymbol& started = resolution.scope.starts[i].effect;
        if (started.module == nullptr) continue;
        for (const Requirement& inner : requirements_of(started)) {
            if (overlays(syntax.body.starts[i], inner.name) || expects(syntax, inner.name)) continue;
            add_requirement(requirements, inner);
        }
    }
    resolution.requirements = std::move(requirements);
    resolution.requirement_state = State::Done;
    return resolution.requirements;
}

constexpr std::size_t kLongestShownPath = 50;

/// Names from `from` down to the effect that expects: `Tasks -> Db`.
bool find_path(const EffectSymbol& from, const Requirement& wanted, std::vector<EffectSymbol>& path) {
    if (path.size() >= kLongestShownPath || std::find(path.begin(), path.end(), from) != path.end())
        return false;
    path.push_back(from);
    if (from == wanted.effect) return true;
    const auto& scope = from.resolution().scope;
    for (std::size_t i = 0; i < scope.starts.size(); ++i) {
        const EffectSymbol& next = scope.starts[i].effect;
        if (next.module == nullptr || overlays(scope.body->starts[i], wanted.name)) continue;
        const auto& needs = next.resolution().requirements;
        const bool leads_there = std::any_of(needs.begin(), needs.end(), [&](const Requirement& need) {
            return need.name == wanted.name && need.effect == wanted.effect;
        });
        if (leads_there && find_path(next, wanted, path)) return true;
    }
    path.pop_back();
    return false;
}

void report_unmet(LoadedModule& module, const StartSyntax& start, const EffectSymbol& started,
                  const Requirement& unmet) {
    const EffectSyntax& effect = unmet.effect.syntax();
    DiagnosticParts parts;
    std::vector<EffectSymbol> path;
    if (find_path(started, unmet, path) && path.size() > 1) {
        std::string chain;
        for (const EffectSymbol& step : path) {
            chain += (chain.empty() ? "" : " -> ") + std::string(step.syntax().name.text);
        }
        parts.notes.push_back({module.source, start.range, "started by way of " + chain});
    }
    for (const Name& expected : effect.body.expects) {
        if (expected.text != unmet.name) continue;
        parts.notes.push_back({unmet.effect.module->source, expected.range, "expected here"});
        break;
    }
    const std::string name(unmet.name);
    parts.hint = "provide it where it is started: `start " + std::string(start.effect.text) + " { " + name +
                 " = ... }`";
    report(module, DiagnosticCode::ExpectationNotMet, start.range,
           "effect " + std::string(effect.name.text) + " expects " + name + " but it is not provided",
           std::move(parts));
}

}  // namespace

void check_expectations(LoadedModule& module, const CheckOptions& options) {
    // Those of imported modules are there already, so the recursion stays within this file.
    for (std::uint32_t i = 0; i < module.effect_resolutions.size(); ++i)
        requirements_of({&module, i});
    for (std::size_t i = 0; i < module.test_resolutions.size(); ++i) {
        const ScopeResolution& scope = module.test_resolutions[i];
        for (std::size_t j = 0; j < scope.starts.size(); ++j) {
            const EffectSymbol& started = scope.starts[j].effect;
            if (started.module == nullptr) continue;
            const StartSyntax& start = scope.body->starts[j];
            for (const Requirement& requirement : requirements_of(started)) {
                if (overlays(start, requirement.name)) continue;
                if (options.environment_has && options.environment_has(requirement.name, module.name))
                    continue;
                report_unmet(module, start, started, requirement);
            }
        }
    }
}

}  // namespace relux::frontend

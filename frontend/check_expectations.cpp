// Expectations along every path of starts. The paths are not walked one by one: what an effect still needs
// from outside is the same whoever starts it, so it is computed once, and each start of a test takes away its
// overlay.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "frontend/check.h"
#include "frontend/program_walk.h"
#include "vm/base/text.h"

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

/// Whether the effect, or one that it starts, expects the name, whether or not it is met.
bool expects_deeply(const EffectSymbol& effect, std::string_view name, std::vector<EffectSymbol>& seen) {
    if (effect.module == nullptr || std::find(seen.begin(), seen.end(), effect) != seen.end()) return false;
    seen.push_back(effect);
    if (expects(effect.syntax(), name)) return true;
    const auto& starts = effect.resolution().scope.starts;
    return std::any_of(starts.begin(), starts.end(),
                       [&](const ResolvedStart& start) { return expects_deeply(start.effect, name, seen); });
}

bool is_expected(const EffectSymbol& effect, std::string_view name) {
    std::vector<EffectSymbol> seen;
    return expects_deeply(effect, name, seen);
}

/// The key of the overlay that was probably meant for the name; null: none.
const Name* near_key(const StartSyntax& start, const EffectSymbol& started, std::string_view name) {
    std::vector<std::string_view> keys;
    for (const OverlayEntry& entry : start.overlay) {
        if (!is_expected(started, entry.key.text)) keys.push_back(entry.key.text);
    }
    const auto near = nearest_name(name, keys);
    if (near.empty()) return nullptr;
    for (const OverlayEntry& entry : start.overlay) {
        if (entry.key.text == near) return &entry.key;
    }
    return nullptr;
}

void report_unmet(LoadedModule& module, const StartSyntax& start, const EffectSymbol& started,
                  const Requirement& unmet, std::string_view assignment) {
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
    if (const Name* const key = near_key(start, started, unmet.name)) {
        parts.notes.insert(parts.notes.begin(),
                           {module.source, key->range,
                            "nothing expects `" + std::string(key->text) + "`: is " + name + " meant?"});
        parts.hint = "write `" + name + "` in place of `" + std::string(key->text) + "`";
    } else {
        parts.hint = "provide it where it is started: `start " + std::string(start.effect.text) + " { " +
                     name + " " + std::string(assignment) + " \"...\" }`";
    }
    report(module, DiagnosticCode::ExpectationNotMet, start.range,
           "effect " + std::string(effect.name.text) + " expects " + name + " but it is not provided",
           std::move(parts));
}

/// Whether some text of the program reads a variable of this name: Relux's own, or one of a shell.
bool is_read_somewhere(const Program& program, std::string_view name) {
    const auto reads = [&](std::string_view text) {
        for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
            const bool after_dollar = at > 0 && (text[at - 1] == '$' || text.substr(0, at).ends_with("${"));
            if (after_dollar) return true;
        }
        return false;
    };
    for (const auto& module : program.modules) {
        const auto& seen = module->environment_reads;
        const bool known =
            std::any_of(seen.begin(), seen.end(), [&](const auto& read) { return read.name == name; });
        if (known || (module->source != nullptr && reads(module->source->text()))) return true;
    }
    return false;
}

class OverlayCheck {
  public:
    OverlayCheck(const Program& program, const CheckOptions& options)
        : program_(program), options_(options) {}

    void check_scope(LoadedModule& module, const ScopeResolution& scope) {
        for (std::size_t i = 0; i < scope.starts.size(); ++i)
            check_overlay(module, scope.body->starts[i], scope.starts[i].effect);
    }

  private:
    void check_overlay(LoadedModule& module, const StartSyntax& start, const EffectSymbol& started) {
        if (started.module == nullptr || started.module->has_errors() || !options_.environment_has) return;
        for (const OverlayEntry& entry : start.overlay) {
            const std::string_view name = entry.key.text;
            if (is_expected(started, name) || is_read(name)) continue;
            if (!options_.environment_has(name, module.name)) warn(module, entry.key, started);
        }
    }

    bool is_read(std::string_view name) {
        const auto [known, is_new] = read_.try_emplace(name, false);
        if (is_new) known->second = is_read_somewhere(program_, name);
        return known->second;
    }

    static void warn(LoadedModule& module, const Name& key, const EffectSymbol& started) {
        DiagnosticParts parts;
        std::vector<std::string_view> expected;
        for (const Name& each : started.syntax().body.expects)
            expected.push_back(each.text);
        if (const auto near = nearest_name(key.text, expected); !near.empty())
            parts.hint = "is `" + std::string(near) + "` meant?";
        parts.notes.push_back(
            {started.module->source, started.syntax().header_range, "the effect is defined here"});
        report(module, DiagnosticCode::UnexpectedKey, key.range,
               "nothing expects `" + std::string(key.text) + "`: neither effect " +
                   std::string(started.syntax().name.text) + " nor one that it starts reads it",
               std::move(parts));
    }

    const Program& program_;
    const CheckOptions& options_;
    std::unordered_map<std::string_view, bool> read_;  ///< by the names that were looked for
};

}  // namespace

void check_overlays(const Program& program, const CheckOptions& options) {
    OverlayCheck overlays(program, options);
    for (LoadedModule* module : program.order) {
        if (module->source == nullptr || module->has_errors()) continue;
        for (const EffectResolution& effect : module->effect_resolutions)
            overlays.check_scope(*module, effect.scope);
        for (const ScopeResolution& scope : module->test_resolutions)
            overlays.check_scope(*module, scope);
    }
}

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
                report_unmet(module, start, started, requirement, options.assignment);
            }
        }
    }
}

}  // namespace relux::frontend

// Effects and tests as wholes: what they start, under which aliases, which shells their blocks run in, what
// they expose, and whether effects start each other. Knows no statement.
#include <algorithm>

#include "frontend/resolve.h"

namespace relux::frontend {
namespace {

/// Bounds the recursion over the effects of one file.
constexpr std::size_t kMaximumEffectDepth = 200;

class ScopeResolver {
  public:
    ScopeResolver(const Program& program, LoadedModule& module) : program_(program), module_(module) {}

    void run() {
        module_.effect_resolutions.resize(module_.syntax.effects.size());
        module_.test_resolutions.resize(module_.syntax.tests.size());
        for (std::uint32_t i = 0; i < module_.syntax.effects.size(); ++i)
            resolve_effect(i);
        for (std::size_t i = 0; i < module_.syntax.tests.size(); ++i) {
            resolve_scope(module_.syntax.tests[i].body, module_.test_resolutions[i]);
        }
    }

  private:
    // Effects of one file may start each other in any order; those of imported modules are done already.
    void resolve_effect(std::uint32_t index) {
        EffectResolution& effect = module_.effect_resolutions[index];
        if (effect.state != EffectResolution::State::Unvisited) return;
        effect.state = EffectResolution::State::Active;
        path_.push_back(index);
        const EffectSyntax& syntax = module_.syntax.effects[index];
        resolve_scope(syntax.body, effect.scope);
        for (const ExposeSyntax& expose : syntax.body.exposes)
            resolve_expose(syntax, effect, expose);
        if (syntax.body.exposes.empty()) expose_first_shell(syntax, effect);
        path_.pop_back();
        effect.state = EffectResolution::State::Done;
    }

    void resolve_scope(const ScopeBody& body, ScopeResolution& scope) {
        scope.body = &body;
        for (const StartSyntax& start : body.starts)
            resolve_start(start, scope);
        for (const ShellBlock& block : body.shells)
            scope.block_frames.push_back(resolve_block(block, scope));
    }

    void resolve_start(const StartSyntax& start, ScopeResolution& scope) {
        const auto number = static_cast<std::uint32_t>(scope.starts.size());
        scope.starts.push_back({find_effect(start), {}});
        if (!start.alias) return;
        auto [it, added] = scope.aliases.emplace(start.alias->text, number);
        if (added) return;
        DiagnosticParts parts;
        parts.notes.push_back(
            {module_.source, scope.body->starts[it->second].alias->range, "the other one is here"});
        report(module_, DiagnosticCode::NameConflict, start.alias->range,
               "name conflict: two starts have the alias `" + std::string(start.alias->text) + "`",
               std::move(parts));
    }

    EffectSymbol find_effect(const StartSyntax& start) {
        auto it = module_.effects.find(start.effect.text);
        if (it == module_.effects.end()) {
            if (!module_.incomplete && !names_import(module_, start.effect.text)) {
                std::vector<std::string_view> names;
                for (const auto& [name, visible] : module_.effects)
                    names.push_back(name);
                DiagnosticParts parts;
                parts.hint =
                    missing_import(program_, module_, start.effect.text, std::string(start.effect.text));
                std::string message = "undefined effect `" + std::string(start.effect.text) + "`";
                if (parts.hint.empty()) message += did_you_mean(start.effect.text, std::move(names));
                report(module_, DiagnosticCode::UndefinedEffect, start.effect.range, std::move(message),
                       std::move(parts));
            }
            return {};
        }
        EffectSymbol symbol = it->second.symbol;
        if (symbol.module == &module_) {
            if (symbol.resolution().state == EffectResolution::State::Active) {
                report_effect_cycle(symbol.index, start.range);
                return {};
            }
            if (path_.size() >= kMaximumEffectDepth) {
                report(module_, DiagnosticCode::LimitExceeded, start.range,
                       "limit exceeded: effects start each other more than " +
                           std::to_string(kMaximumEffectDepth) + " deep");
                return {};
            }
            resolve_effect(symbol.index);
        }
        return symbol;
    }

    void report_effect_cycle(std::uint32_t first, SourceRange range) {
        std::string message = "effect cycle: ";
        for (auto it = std::find(path_.begin(), path_.end(), first); it != path_.end(); ++it) {
            message += std::string(module_.syntax.effects[*it].name.text) + " -> ";
        }
        message += module_.syntax.effects[first].name.text;
        report(module_, DiagnosticCode::EffectCycle, range, std::move(message));
    }

    std::uint32_t resolve_block(const ShellBlock& block, ScopeResolution& scope) {
        std::uint32_t start = kNoIndex;
        std::string_view name = block.name.text;
        if (block.qualifier) {
            start = find_alias(*block.qualifier, scope);
            if (start != kNoIndex)
                check_exposes_shell(scope.starts[start].effect, *block.qualifier, block.name);
        } else if (const ResolvedExpose* legacy = shell_of_alias(block.name, scope, start)) {
            name = legacy->name;
        }
        return frame(scope, start, name);
    }

    static std::uint32_t frame(ScopeResolution& scope, std::uint32_t start, std::string_view name) {
        for (std::uint32_t i = 0; i < scope.frames.size(); ++i) {
            if (scope.frames[i].start == start && scope.frames[i].name == name) return i;
        }
        scope.frames.push_back({start, name, {}});
        return static_cast<std::uint32_t>(scope.frames.size() - 1);
    }

    /// kNoIndex when there is no such alias, which is reported.
    std::uint32_t find_alias(const Name& alias, const ScopeResolution& scope) {
        auto it = scope.aliases.find(alias.text);
        if (it != scope.aliases.end()) return it->second;
        std::vector<std::string_view> names;
        DiagnosticParts parts;
        for (const auto& [name, start] : scope.aliases)
            names.push_back(name);
        for (const StartSyntax& start : scope.body->starts) {
            if (start.alias || !same_but_for_case(start.effect.text, alias.text)) continue;
            parts.hint = "only a start with an alias gives access: `start " + std::string(start.effect.text) +
                         " as " + std::string(alias.text) + "`";
        }
        report(
            module_, DiagnosticCode::UndefinedAlias, alias.range,
            "undefined alias `" + std::string(alias.text) + "`" + did_you_mean(alias.text, std::move(names)),
            std::move(parts));
        return kNoIndex;
    }

    void check_exposes_shell(const EffectSymbol& effect, const Name& alias, const Name& name) {
        if (effect.module == nullptr || effect.module->syntax.has_errors) return;
        const ResolvedExpose* expose = find_expose(effect.resolution(), false, name.text);
        if (expose != nullptr) {
            if (effect.resolution().implicit_expose) implicit_expose_used(effect, name);
            return;
        }
        std::vector<std::string> shells;
        for (const ResolvedExpose& other : effect.resolution().exposes) {
            if (!other.variable) shells.emplace_back(other.name);
        }
        report(module_, DiagnosticCode::UndefinedShell, name.range,
               "effect alias `" + std::string(alias.text) + "` does not expose shell `" +
                   std::string(name.text) + "`: effect " + std::string(effect.syntax().name.text) +
                   (shells.empty() ? " exposes none" : " exposes " + quoted_list(shells)));
    }

    /// In edition 0.4 the declaration carries the warning; in 0.8 every use is an error.
    void implicit_expose_used(const EffectSymbol& effect, const Name& name) {
        if (program_.edition == Edition::V0_4) return;
        DiagnosticParts parts;
        parts.notes.push_back(
            {effect.module->source, effect.syntax().name.range, "this effect has no `expose`"});
        parts.hint = "write `expose shell " + std::string(name.text) + "` in the effect";
        report(module_, DiagnosticCode::ImplicitExpose, name.range,
               "effect " + std::string(effect.syntax().name.text) + " does not expose the shell `" +
                   std::string(name.text) + "`",
               std::move(parts));
    }

    /// The legacy rule: an alias of an effect that exposes exactly one shell names that shell.
    const ResolvedExpose* shell_of_alias(const Name& name, const ScopeResolution& scope,
                                         std::uint32_t& start) {
        auto it = scope.aliases.find(name.text);
        if (it == scope.aliases.end()) return nullptr;
        const EffectSymbol& effect = scope.starts[it->second].effect;
        if (effect.module == nullptr) return nullptr;
        const ResolvedExpose* only = only_shell(effect.resolution());
        if (only == nullptr) return nullptr;
        start = it->second;
        const std::string written = std::string(name.text) + "." + std::string(only->name);
        DiagnosticParts parts;
        parts.hint = "write `" + written + "`";
        const bool legacy = program_.edition == Edition::V0_4;
        report(module_, legacy ? DiagnosticCode::LegacyAlias : DiagnosticCode::AliasAsShell, name.range,
               "alias `" + std::string(name.text) + "` used as a shell name for `" + written + "`",
               std::move(parts));
        return only;
    }

    void resolve_expose(const EffectSyntax& syntax, EffectResolution& effect, const ExposeSyntax& expose) {
        ResolvedExpose resolved;
        resolved.name = expose.alias ? expose.alias->text : expose.name.text;
        resolved.inner_name = expose.name.text;
        resolved.range = expose.range;
        bool found = false;
        if (expose.qualifier) {
            resolved.start = find_alias(*expose.qualifier, effect.scope);
            if (resolved.start == kNoIndex) return;
            const EffectSymbol& from = effect.scope.starts[resolved.start].effect;
            if (from.module == nullptr || from.module->syntax.has_errors) return;
            found = expose_from_start(from, expose, resolved);
        } else {
            found = expose_own_shell(effect.scope, expose, resolved) ||
                    expose_own_variable(effect.scope, expose, resolved);
        }
        if (!found) return report_missing(syntax, effect, expose);
        if (find_expose(effect, resolved.variable, resolved.name) != nullptr) {
            report(module_, DiagnosticCode::NameConflict, expose.range,
                   "name conflict: effect " + std::string(syntax.name.text) + " exposes `" +
                       std::string(resolved.name) + "` twice");
            return;
        }
        effect.exposes.push_back(resolved);
    }

    bool expose_from_start(const EffectSymbol& from, const ExposeSyntax& expose, ResolvedExpose& resolved) {
        const EffectResolution& inner = from.resolution();
        if (expose.kind != ExposeSyntax::Kind::Variable &&
            find_expose(inner, false, expose.name.text) != nullptr) {
            if (inner.implicit_expose) implicit_expose_used(from, expose.name);
            return true;
        }
        if (expose.kind == ExposeSyntax::Kind::Shell) return false;
        resolved.variable = true;
        return find_expose(inner, true, expose.name.text) != nullptr;
    }

    bool expose_own_shell(ScopeResolution& scope, const ExposeSyntax& expose, ResolvedExpose& resolved) {
        if (expose.kind == ExposeSyntax::Kind::Variable) return false;
        for (const ResolvedFrame& frame : scope.frames) {
            if (frame.start == kNoIndex && frame.name == expose.name.text) return true;
        }
        const ResolvedExpose* legacy = shell_of_alias(expose.name, scope, resolved.start);
        if (legacy == nullptr) return false;
        resolved.inner_name = legacy->name;
        return true;
    }

    /// A `let` of the effect, or one of its expectations, which then gets a variable of its own.
    static bool expose_own_variable(ScopeResolution& scope, const ExposeSyntax& expose,
                                    ResolvedExpose& resolved) {
        if (expose.kind == ExposeSyntax::Kind::Shell) return false;
        resolved.variable = true;
        auto declares = [&](const Statement& statement) {
            const auto* let = std::get_if<Let>(&statement.node);
            return let != nullptr && let->name.text == expose.name.text;
        };
        const auto& body = *scope.body;
        if (std::any_of(body.declarations.begin(), body.declarations.end(), declares)) {
            return true;  // resolve_names gives the slot, in the order of the lets
        }
        auto expected = [&](const Name& name) { return name.text == expose.name.text; };
        if (!std::any_of(body.expects.begin(), body.expects.end(), expected)) return false;
        if (std::find(scope.slots.begin(), scope.slots.end(), expose.name.text) == scope.slots.end()) {
            scope.environment_slots.push_back(static_cast<std::uint32_t>(scope.slots.size()));
            scope.slots.push_back(expose.name.text);
        }
        return true;
    }

    static bool same_but_for_case(std::string_view a, std::string_view b) {
        auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
        return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [&](char x, char y) { return lower(x) == lower(y); });
    }

    /// Lists what an `expose` could mean: the effect's own shells and variables, or what the other effect
    /// exposes.
    static std::vector<std::string_view> exposable(const EffectResolution& effect,
                                                   const ExposeSyntax& expose) {
        std::vector<std::string_view> names;
        const bool shells = expose.kind != ExposeSyntax::Kind::Variable;
        const bool variables = expose.kind != ExposeSyntax::Kind::Shell;
        if (expose.qualifier) {
            const auto start = effect.scope.aliases.find(expose.qualifier->text);
            if (start == effect.scope.aliases.end()) return names;
            for (const ResolvedExpose& inner :
                 effect.scope.starts[start->second].effect.resolution().exposes) {
                if (inner.variable ? variables : shells) names.push_back(inner.name);
            }
            return names;
        }
        for (const ResolvedFrame& frame : effect.scope.frames) {
            if (shells && frame.start == kNoIndex) names.push_back(frame.name);
        }
        for (const Statement& statement : effect.scope.body->declarations) {
            const auto* let = std::get_if<Let>(&statement.node);
            if (variables && let != nullptr) names.push_back(let->name.text);
        }
        for (const Name& expected : effect.scope.body->expects) {
            if (variables) names.push_back(expected.text);
        }
        return names;
    }

    void report_missing(const EffectSyntax& syntax, const EffectResolution& effect,
                        const ExposeSyntax& expose) {
        std::string what = expose.qualifier ? std::string(expose.qualifier->text) + "." : std::string();
        what += expose.name.text;
        auto names = exposable(effect, expose);
        std::string message =
            "effect " + std::string(syntax.name.text) + " exposes " + what + " which does not exist";
        const std::string nearest = did_you_mean(expose.name.text, names);
        DiagnosticParts parts;
        if (nearest.empty() && !names.empty()) {
            std::vector<std::string> listed(names.begin(), names.end());
            parts.hint = "it could expose " + quoted_list(listed);
        }
        report(module_, DiagnosticCode::ExposeMissing, expose.range, message + nearest, std::move(parts));
    }

    /// The shell of the first block that is written without a dot: the effect's own, or a borrowed one, which
    /// stands among the effect's shells under the alias.
    void expose_first_shell(const EffectSyntax& syntax, EffectResolution& effect) {
        for (std::size_t i = 0; i < syntax.body.shells.size(); ++i) {
            const ShellBlock& block = syntax.body.shells[i];
            if (block.qualifier) continue;
            const ResolvedFrame& frame = effect.scope.frames[effect.scope.block_frames[i]];
            effect.implicit_expose = true;
            effect.exposes.push_back(
                {false, block.name.text, frame.start, frame.name, kNoIndex, syntax.header_range});
            if (program_.edition == Edition::V0_4) warn_implicit_expose(syntax, block.name, frame);
            return;
        }
    }

    void warn_implicit_expose(const EffectSyntax& syntax, const Name& shell, const ResolvedFrame& frame) {
        const std::string name(shell.text);
        std::string written = name;
        if (frame.start != kNoIndex) {
            written += "." + std::string(frame.name);
            if (frame.name != shell.text) written += " as " + name;
        }
        DiagnosticParts parts;
        parts.hint = "write `expose " + written + "`";
        report(module_, DiagnosticCode::LegacyExpose, syntax.name.range,
               "implicit expose: effect " + std::string(syntax.name.text) +
                   " has no `expose`, so its first shell `" + name + "` is exposed",
               std::move(parts));
    }

    const Program& program_;
    LoadedModule& module_;
    std::vector<std::uint32_t> path_;  ///< effects being resolved, outermost first
};

}  // namespace

void resolve_scopes(const Program& program, LoadedModule& module) {
    ScopeResolver(program, module).run();
}

}  // namespace relux::frontend

// Warnings about what has no effect: names that nothing sets, functions and effects that no test reaches.
// They look at the whole program, and are given only for modules without errors.
#include <algorithm>
#include <unordered_set>

#include "frontend/check.h"
#include "frontend/program_walk.h"
#include "frontend/resolve.h"

namespace relux::frontend {
namespace {

/// Every key that some start overlays: an effect may be started by any of them.
std::unordered_set<std::string_view> overlaid_names(const Program& program) {
    std::unordered_set<std::string_view> names;
    for (const auto& module : program.modules)
        for_each<OverlayEntry>(module->syntax,
                               [&](const OverlayEntry& entry) { names.insert(entry.key.text); });
    return names;
}

/// The environments in which the functions and effects of a module may run: its own directory's, and for one
/// that others import, that of any test file.
class Environments {
  public:
    Environments(const Program& program, const CheckOptions& options) : options_(options) {
        std::unordered_set<std::string_view> directories;
        for (const LoadedModule* root : program.roots) {
            const auto slash = root->name.rfind('/');
            const auto directory = std::string_view(root->name).substr(0, slash + 1);
            if (directories.insert(directory).second) roots_.push_back(root);
        }
    }

    bool set(std::string_view name, const LoadedModule& module) const {
        if (options_.environment_has(name, module.name)) return true;
        if (!module.is_library()) return false;
        return std::any_of(roots_.begin(), roots_.end(), [&](const LoadedModule* root) {
            return options_.environment_has(name, root->name);
        });
    }

  private:
    const CheckOptions& options_;
    std::vector<const LoadedModule*> roots_;  ///< one of each directory
};

void check_never_set(LoadedModule& module, const Environments& environments,
                     const std::unordered_set<std::string_view>& overlaid) {
    std::unordered_map<std::string_view, bool> in_environment;
    for (const EnvironmentRead& read : module.environment_reads) {
        if (read.name.starts_with("__RELUX")) continue;
        auto [it, is_new] = in_environment.emplace(read.name, false);
        if (is_new) it->second = environments.set(read.name, module);
        if (it->second) continue;
        DiagnosticParts parts;
        if (read.from == EnvironmentRead::From::Effect) {
            if (overlaid.contains(read.name)) continue;
            bool expected = false;
            for (const Name& name : module.syntax.effects[read.index].body.expects)
                expected |= name.text == read.name;
            if (expected) continue;
        } else if (read.from == EnvironmentRead::From::Function) {
            parts.hint =
                "a function sees its parameters, its own variables and the environment only: pass it as an "
                "argument";
        }
        if (!read.nearest.empty()) parts.hint = "did you mean `" + std::string(read.nearest) + "`?";
        report(module, DiagnosticCode::NeverSet, read.range,
               "variable `" + std::string(read.name) + "` is never set: it is empty here", std::move(parts));
    }
}

/// Marks what the tests of one file reach inside that file.
class Reachability {
  public:
    explicit Reachability(const LoadedModule& module)
        : functions(module.syntax.functions.size(), false),
          effects(module.syntax.effects.size(), false),
          module_(module) {}

    void run() {
        for (std::size_t i = 0; i < module_.syntax.tests.size(); ++i) {
            reach_calls(module_.syntax.tests[i].markers);
            reach_scope(module_.syntax.tests[i].body, module_.test_resolutions[i]);
        }
        while (!functions_left_.empty() || !effects_left_.empty()) {
            if (!functions_left_.empty()) {
                const FunctionSyntax& function = module_.syntax.functions[take(functions_left_)];
                reach_calls(function);
            } else {
                const std::uint32_t index = take(effects_left_);
                reach_calls(module_.syntax.effects[index].markers);
                reach_scope(module_.syntax.effects[index].body, module_.effect_resolutions[index].scope);
            }
        }
    }

    std::vector<bool> functions;
    std::vector<bool> effects;

  private:
    static std::uint32_t take(std::vector<std::uint32_t>& left) {
        const std::uint32_t index = left.back();
        left.pop_back();
        return index;
    }

    template <class Node>
    void reach_calls(const Node& node) {
        for_each_call(node, [&](const CallExpression& call, SourceRange) {
            const CallTarget* const target = module_.calls.find(&call);
            if (target == nullptr || target->function.module != &module_) return;
            const std::uint32_t index = target->function.index;
            if (functions[index]) return;
            functions[index] = true;
            functions_left_.push_back(index);
        });
    }

    void reach_scope(const ScopeBody& body, const ScopeResolution& scope) {
        reach_calls(body);
        for (const ResolvedStart& start : scope.starts) {
            if (start.effect.module != &module_ || effects[start.effect.index]) continue;
            effects[start.effect.index] = true;
            effects_left_.push_back(start.effect.index);
        }
    }

    const LoadedModule& module_;
    std::vector<std::uint32_t> functions_left_;
    std::vector<std::uint32_t> effects_left_;
};

/// Files below relux/lib are for others to import, and so is a file without tests.
void check_unreachable(LoadedModule& module) {
    if (module.is_library() || module.syntax.tests.empty()) return;
    Reachability reached(module);
    reached.run();
    for (std::size_t i = 0; i < reached.functions.size(); ++i) {
        if (reached.functions[i]) continue;
        const FunctionSyntax& function = module.syntax.functions[i];
        report(module, DiagnosticCode::Unreachable, function.name.range,
               "function `" + signature(function.name.text, function.parameters.size()) +
                   "` is never used by a test of this file");
    }
    for (std::size_t i = 0; i < reached.effects.size(); ++i) {
        if (reached.effects[i]) continue;
        const EffectSyntax& effect = module.syntax.effects[i];
        report(module, DiagnosticCode::Unreachable, effect.name.range,
               "effect `" + std::string(effect.name.text) + "` is never used by a test of this file");
    }
}

}  // namespace

void check_usage(const Program& program, const CheckOptions& options) {
    const auto overlaid = overlaid_names(program);
    const Environments environments(program, options);
    for (LoadedModule* module : program.order) {
        if (module->source == nullptr || module->has_errors()) continue;
        if (options.environment_has) check_never_set(*module, environments, overlaid);
        if (!module->incomplete) check_unreachable(*module);
    }
}

}  // namespace relux::frontend

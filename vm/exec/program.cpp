// Turns references by name into pointers and checks what no module can check alone: that names exist, arities
// and purity agree across modules, effects don't start each other, and what is read from an effect is exposed
// by it.
#include "vm/exec/program.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "vm/base/assert.h"
#include "vm/bytecode/opcode.h"

namespace relux::exec {

using bytecode::kNone;

const bytecode::Scope& EffectTarget::scope() const {
    return module->code.scopes[effect->scope];
}

std::string_view EffectTarget::name() const {
    return module->string(scope().name);
}

LinkedModule::~LinkedModule() {
    for (auto& constant : constants)
        Value::release_immortal(constant);
    for (auto& pattern : patterns)
        Value::release_immortal(pattern);
}

const LinkedModule* Program::find_module(std::string_view name) const {
    auto found = std::lower_bound(
        modules_.begin(), modules_.end(), name,
        [](const auto& module, std::string_view wanted) { return module->code.name < wanted; });
    return found != modules_.end() && (*found)->code.name == name ? found->get() : nullptr;
}

namespace {

/// Resolves the tables of all modules; the first fault stops it.
class Linker {
  public:
    explicit Linker(std::vector<std::unique_ptr<LinkedModule>>& modules) : modules_(modules) {}

    Status link() {
        index();
        for (auto& module : modules_)
            resolve(*module);
        for (auto& module : modules_) {
            if (!error_.empty()) break;
            for (const auto& chunk : module->code.chunks)
                check_purity(*module, chunk);
            check_scopes(*module);
        }
        if (error_.empty()) check_effect_cycles();
        if (!error_.empty()) return Error{error_};
        return Done{};
    }

  private:
    void fail(const LinkedModule& module, const std::string& what) {
        if (error_.empty()) error_ = module.code.name + ": " + what;
    }

    void index() {
        for (const auto& module : modules_) {
            for (const auto& function : module->code.functions) {
                functions_[{module->code.name, module->string(function.name), function.parameters.size()}] = {
                    module.get(), &function};
            }
            for (const auto& effect : module->code.effects) {
                EffectTarget target{module.get(), &effect};
                effects_[{module->code.name, target.name()}] = target;
            }
        }
    }

    /// The module that a reference is about.
    static std::string_view home(const LinkedModule& module, bytecode::StringIndex name) {
        return name == kNone ? std::string_view(module.code.name) : module.string(name);
    }

    void resolve(LinkedModule& module) {
        for (const auto& text : module.code.strings)
            module.constants.push_back(Value::immortal(text));
        for (const auto& text : module.code.patterns)
            module.patterns.push_back(Value::immortal(text));
        for (const auto& reference : module.code.function_refs) {
            auto found = functions_.find(
                {home(module, reference.module), module.string(reference.name), reference.arity});
            if (found == functions_.end()) {
                missing(module,
                        "function " + std::string(module.string(reference.name)) + "/" +
                            std::to_string(reference.arity),
                        reference.module);
                return;
            }
            module.functions.push_back(found->second);
        }
        for (const auto& reference : module.code.effect_refs) {
            auto found = effects_.find({home(module, reference.module), module.string(reference.name)});
            if (found == effects_.end()) {
                missing(module, "effect " + std::string(module.string(reference.name)), reference.module);
                return;
            }
            module.effects.push_back(found->second);
        }
        for (const auto& reference : module.code.native_refs) {
            const auto* native = find_native(module.string(reference.name), reference.arity);
            if (native == nullptr) {
                fail(module, "calls the built-in " + std::string(module.string(reference.name)) + "/" +
                                 std::to_string(reference.arity) + ", which this machine does not have");
                return;
            }
            module.natives.push_back(native);
        }
    }

    void missing(const LinkedModule& module, const std::string& what, bytecode::StringIndex home_name) {
        auto where = std::string(home(module, home_name));
        bool loaded = std::any_of(modules_.begin(), modules_.end(),
                                  [&](const auto& m) { return m->code.name == where; });
        fail(module, "refers to " + what + " of " + where +
                         (loaded ? ", which does not define it" : ", which is not in the program"));
    }

    /// A pure chunk calls only what is pure.
    void check_purity(const LinkedModule& module, const bytecode::Chunk& chunk) {
        if (!bytecode::is_pure(chunk.kind)) return;
        for (std::size_t i = 0; i < chunk.code.size(); ++i) {
            auto word = chunk.code[i];
            const auto& info = bytecode::opcode_info(word.opcode());
            std::string callee;
            if (info.b == bytecode::OperandKind::FunctionRef && !module.functions[word.b()].function->pure) {
                const auto& target = module.functions[word.b()];
                callee = "function " + std::string(target.module->string(target.function->name)) + "/" +
                         std::to_string(target.function->parameters.size()) + " of " +
                         target.module->code.name;
            } else if (info.b == bytecode::OperandKind::NativeRef &&
                       module.natives[word.b()]->kind == NativeKind::Shell) {
                callee = "built-in " + std::string(module.natives[word.b()]->name);
            }
            if (!callee.empty()) {
                fail(module, "line " + std::to_string(chunk.spans[i].line) + ": a pure chunk calls the " +
                                 callee + ", which needs a shell");
                return;
            }
        }
    }

    static bool exposes(const EffectTarget& target, bool variable, std::string_view name) {
        return std::any_of(
            target.effect->exposes.begin(), target.effect->exposes.end(), [&](const auto& expose) {
                return expose.variable == variable && target.module->string(expose.name) == name;
            });
    }

    /// Every shell and variable that a scope takes from a start is exposed there.
    void check_scopes(const LinkedModule& module) {
        for (const auto& scope : module.code.scopes) {
            auto need = [&](std::uint32_t start, bool variable, bytecode::StringIndex name) {
                const auto& target = module.effects[scope.starts[start].effect];
                if (exposes(target, variable, module.string(name))) return;
                fail(module, std::string(module.string(scope.name)) + " uses the " +
                                 (variable ? "variable " : "shell ") + std::string(module.string(name)) +
                                 ", which effect " + std::string(target.name()) + " of " +
                                 target.module->code.name + " does not expose");
            };
            for (const auto& frame : scope.frames) {
                if (frame.start != kNone) need(frame.start, false, frame.name);
            }
            for (const auto& variable : scope.alias_variables)
                need(variable.start, true, variable.name);
        }
        for (const auto& effect : module.code.effects) {
            const auto& scope = module.code.scopes[effect.scope];
            for (const auto& expose : effect.exposes) {
                if (expose.start == kNone) continue;
                const auto& target = module.effects[scope.starts[expose.start].effect];
                if (exposes(target, expose.variable, module.string(expose.inner_name))) continue;
                fail(module, "effect " + std::string(module.string(scope.name)) + " exposes " +
                                 std::string(module.string(expose.inner_name)) + ", which effect " +
                                 std::string(target.name()) + " of " + target.module->code.name +
                                 " does not expose");
            }
        }
    }

    /// Takes away, one after the other, the effects that start nothing that is left; what remains is a cycle
    /// or starts one.
    void check_effect_cycles() {
        std::map<const bytecode::Effect*, std::size_t> waiting;
        std::map<const bytecode::Effect*, std::vector<EffectTarget>> starters;
        std::vector<EffectTarget> ready;
        for (const auto& [name, target] : effects_) {
            const auto& starts = target.scope().starts;
            waiting[target.effect] = starts.size();
            if (starts.empty()) ready.push_back(target);
            for (const auto& start : starts) {
                starters[target.module->effects[start.effect].effect].push_back(target);
            }
        }
        while (!ready.empty()) {
            auto done = ready.back();
            ready.pop_back();
            for (const auto& starter : starters[done.effect]) {
                if (--waiting[starter.effect] == 0) ready.push_back(starter);
            }
        }
        for (const auto& [name, target] : effects_) {
            if (waiting[target.effect] > 0) {
                fail(*target.module,
                     "effect " + std::string(target.name()) + " is started by effects that it starts");
                return;
            }
        }
    }

    std::vector<std::unique_ptr<LinkedModule>>& modules_;
    std::map<std::tuple<std::string_view, std::string_view, std::size_t>, FunctionTarget> functions_;
    std::map<std::pair<std::string_view, std::string_view>, EffectTarget> effects_;
    std::string error_;
};

}  // namespace

Result<std::unique_ptr<Program>> Program::link(std::vector<bytecode::Module> modules) {
    std::sort(modules.begin(), modules.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    auto program = std::make_unique<Program>();
    for (auto& module : modules) {
        if (!program->modules_.empty() && program->modules_.back()->code.name == module.name) {
            return Error{"two modules are called " + module.name};
        }
        auto linked = std::make_unique<LinkedModule>();
        linked->number = static_cast<std::uint32_t>(program->modules_.size());
        linked->code = std::move(module);
        program->modules_.push_back(std::move(linked));
    }
    if (auto status = Linker(program->modules_).link(); !status) return status.error();
    return program;
}

}  // namespace relux::exec

// Turns references by name into pointers and checks what no module can check alone: that names exist, arities
// and purity agree across modules, effects don't start each other, and what is read from an effect is exposed
// by it.
#include "vm/exec/program.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "vm/base/assert.h"
#include "vm/bytecode/opcode.h"
#include "vm/data/function.h"
#include "vm/data/path.h"

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

/// Knows what the modules that are loaded define.
class SymbolTable {
  public:
    void add(const LinkedModule& module) {
        modules_.emplace(module.code.name, &module);
        for (const auto& function : module.code.functions) {
            functions_[{module.code.name, module.string(function.name), function.parameters.size()}] = {
                &module, &function};
        }
        for (const auto& effect : module.code.effects) {
            EffectTarget target{&module, &effect};
            effects_[{module.code.name, target.name()}] = target;
        }
    }
    const LinkedModule* module(std::string_view name) const {
        const auto found = modules_.find(name);
        return found == modules_.end() ? nullptr : found->second;
    }
    const FunctionTarget* function(std::string_view module, std::string_view name, std::size_t arity) const {
        const auto found = functions_.find({module, name, arity});
        return found == functions_.end() ? nullptr : &found->second;
    }
    const EffectTarget* effect(std::string_view module, std::string_view name) const {
        const auto found = effects_.find({module, name});
        return found == effects_.end() ? nullptr : &found->second;
    }

  private:
    std::map<std::string_view, const LinkedModule*> modules_;
    std::map<std::tuple<std::string_view, std::string_view, std::size_t>, FunctionTarget> functions_;
    std::map<std::pair<std::string_view, std::string_view>, EffectTarget> effects_;
};

namespace {

/// The module that a reference is about.
std::string_view home(const LinkedModule& module, bytecode::OptionalIndex<bytecode::String> name) {
    return name == kNone ? std::string_view(module.code.name) : module.string(*name);
}

std::string function_text(const LinkedModule& module, const bytecode::FunctionRef& reference) {
    return "function " + std::string(module.string(reference.name)) + "/" + std::to_string(reference.arity);
}

std::string effect_text(const LinkedModule& module, const bytecode::EffectRef& reference) {
    return "effect " + std::string(module.string(reference.name));
}

/// Resolves the tables of modules that have just been loaded, with all that they refer to; the first fault
/// stops it.
class Linker {
  public:
    Linker(const std::vector<LinkedModule*>& modules, SymbolTable& symbols)
        : modules_(modules), symbols_(symbols) {}

    Status link() {
        for (const auto* module : modules_)
            symbols_.add(*module);
        for (auto* module : modules_)
            resolve(*module);
        for (const auto* module : modules_) {
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

    void resolve(LinkedModule& module) {
        for (const auto& text : module.code.strings)
            module.constants.push_back(Value::immortal(text));
        for (const auto& text : module.code.patterns)
            module.patterns.push_back(Value::immortal(text));
        for (const auto& reference : module.code.function_refs) {
            const auto* found = symbols_.function(home(module, reference.module),
                                                  module.string(reference.name), reference.arity);
            if (found == nullptr) {
                missing(module, function_text(module, reference), reference.module);
                return;
            }
            module.functions.push_back(*found);
        }
        for (const auto& reference : module.code.effect_refs) {
            const auto* found =
                symbols_.effect(home(module, reference.module), module.string(reference.name));
            if (found == nullptr) {
                missing(module, effect_text(module, reference), reference.module);
                return;
            }
            module.effects.push_back(*found);
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
        resolve_workflows(module);
    }

    void resolve_workflows(LinkedModule& module) {
        for (const auto& text : module.code.paths) {
            auto path = data::parse_path(text);
            RELUX_ASSERT(path, "the verifier lets through no other text");
            module.paths.push_back(std::move(*path));
        }
        for (const auto& reference : module.code.template_functions) {
            const auto* function = data::find_function(module.string(reference.name));
            if (function == nullptr || !value::function(function->id).takes(reference.arity)) {
                fail(module, "uses the template function " + std::string(module.string(reference.name)) +
                                 "/" + std::to_string(reference.arity) +
                                 ", which this machine does not have");
                return;
            }
            module.template_functions.push_back(function);
        }
        for (const auto& reference : module.code.workflow_refs) {
            WorkflowTarget target;
            target.module = symbols_.module(home(module, reference.module));
            if (target.module == nullptr || reference.workflow >= target.module->code.workflows.size()) {
                missing(module, "workflow " + std::to_string(reference.workflow), reference.module);
                return;
            }
            target.workflow = &target.module->code.workflows[reference.workflow];
            if (reference.target != kNone) {
                target.step_module = symbols_.module(home(module, reference.target_module));
                target.step = find_step(target.step_module, module.string(*reference.target));
                if (target.step == nullptr) {
                    missing(module, "step " + std::string(module.string(*reference.target)),
                            reference.target_module);
                    return;
                }
            }
            module.workflows.push_back(target);
        }
    }

    static const bytecode::Step* find_step(const LinkedModule* module, std::string_view name) {
        if (module == nullptr) return nullptr;
        for (const auto& step : module->code.steps) {
            if (module->string(step.name) == name) return &step;
        }
        return nullptr;
    }

    void missing(const LinkedModule& module, const std::string& what,
                 bytecode::OptionalIndex<bytecode::String> home_name) {
        fail(module, "refers to " + what + " of " + std::string(home(module, home_name)) +
                         ", which does not define it");
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
    /// or starts one. Effects that were linked before start none of these.
    void check_effect_cycles() {
        std::map<const bytecode::Effect*, std::size_t> waiting;
        std::map<const bytecode::Effect*, std::vector<EffectTarget>> starters;
        std::vector<EffectTarget> all;
        for (const auto* module : modules_) {
            for (const auto& effect : module->code.effects) {
                all.push_back({module, &effect});
                waiting[&effect] = 0;
            }
        }
        std::vector<EffectTarget> ready;
        for (const auto& target : all) {
            for (const auto& start : target.scope().starts) {
                const auto* started = target.module->effects[start.effect].effect;
                if (!waiting.contains(started)) continue;
                ++waiting[target.effect];
                starters[started].push_back(target);
            }
            if (waiting[target.effect] == 0) ready.push_back(target);
        }
        while (!ready.empty()) {
            auto done = ready.back();
            ready.pop_back();
            for (const auto& starter : starters[done.effect]) {
                if (--waiting[starter.effect] == 0) ready.push_back(starter);
            }
        }
        for (const auto& target : all) {
            if (waiting[target.effect] > 0) {
                fail(*target.module,
                     "effect " + std::string(target.name()) + " is started by effects that it starts");
                return;
            }
        }
    }

    const std::vector<LinkedModule*>& modules_;
    SymbolTable& symbols_;
    std::string error_;
};

/// Modules that are all there.
class ModulesInMemory final : public ModuleSource {
  public:
    explicit ModulesInMemory(std::vector<bytecode::Module> modules) : modules_(std::move(modules)) {
        for (const auto& module : modules_)
            names_.push_back(module.name);
    }
    const std::vector<std::string>& names() const override { return names_; }
    Result<bytecode::Module> load(std::size_t number) override { return std::move(modules_[number]); }

  private:
    std::vector<bytecode::Module> modules_;
    std::vector<std::string> names_;
};

}  // namespace

Program::Program(std::unique_ptr<ModuleSource> source)
    : source_(std::move(source)),
      modules_(source_->names().size()),
      symbols_(std::make_unique<SymbolTable>()) {}

Program::~Program() = default;

std::unique_ptr<Program> Program::open(std::unique_ptr<ModuleSource> source) {
    return std::unique_ptr<Program>(new Program(std::move(source)));
}

Result<std::unique_ptr<Program>> Program::link(std::vector<bytecode::Module> modules) {
    std::sort(modules.begin(), modules.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    for (std::size_t i = 1; i < modules.size(); ++i) {
        if (modules[i - 1].name == modules[i].name) return Error{"two modules are called " + modules[i].name};
    }
    auto program = open(std::make_unique<ModulesInMemory>(std::move(modules)));
    const std::vector<std::string> names = program->source_->names();
    for (const auto& name : names) {
        if (const auto loaded = program->load(name); !loaded) return loaded.error();
    }
    return program;
}

std::optional<std::size_t> Program::number_of(std::string_view name) const {
    const auto& names = source_->names();
    const auto found = std::lower_bound(names.begin(), names.end(), name);
    if (found == names.end() || *found != name) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

const LinkedModule* Program::find_module(std::string_view name) const {
    const auto number = number_of(name);
    return number ? modules_[*number].get() : nullptr;
}

/// The module and those that it refers to, however far, as far as they are not loaded yet.
Result<std::vector<LinkedModule*>> Program::read_with_references(std::size_t number) {
    std::vector<LinkedModule*> read;
    std::vector<std::size_t> wanted = {number};
    while (!wanted.empty()) {
        const auto next = wanted.back();
        wanted.pop_back();
        if (modules_[next] != nullptr) continue;
        auto code = source_->load(next);
        if (!code) return code.error();
        auto linked = std::make_unique<LinkedModule>();
        linked->number = static_cast<std::uint32_t>(next);
        linked->code = std::move(*code);
        const auto& module = *linked;
        modules_[next] = std::move(linked);
        read.push_back(modules_[next].get());
        // The text is made only where it is needed.
        auto want = [&](bytecode::OptionalIndex<bytecode::String> home_name, auto&& describe) -> Status {
            if (home_name == kNone) return Done{};
            const auto home_number = number_of(module.string(*home_name));
            if (!home_number) {
                return Error{module.code.name + ": refers to " + describe() + " of " +
                             std::string(module.string(*home_name)) + ", which is not in the program"};
            }
            wanted.push_back(*home_number);
            return Done{};
        };
        for (const auto& reference : module.code.function_refs) {
            auto there = want(reference.module, [&] { return function_text(module, reference); });
            if (!there) return there.error();
        }
        for (const auto& reference : module.code.effect_refs) {
            auto there = want(reference.module, [&] { return effect_text(module, reference); });
            if (!there) return there.error();
        }
        for (const auto& reference : module.code.workflow_refs) {
            for (const auto home_name : {reference.module, reference.target_module}) {
                auto there = want(home_name, [] { return std::string("a workflow"); });
                if (!there) return there.error();
            }
        }
    }
    return read;
}

Result<const LinkedModule*> Program::load(std::string_view name) {
    const std::lock_guard lock(mutex_);
    if (!error_.empty()) return Error{error_};
    const auto number = number_of(name);
    if (!number) return Error{"the program has no module " + std::string(name)};
    if (modules_[*number] != nullptr) return modules_[*number].get();
    auto read = read_with_references(*number);
    Status linked = read ? Linker(*read, *symbols_).link() : Status(read.error());
    if (linked) return modules_[*number].get();
    error_ = linked.error().message;
    return linked.error();
}

}  // namespace relux::exec

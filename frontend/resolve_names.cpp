// Every name inside bodies: variables, calls, `Alias.name`. Scoping is static because the language has no
// control flow (language 4.2): one walk in source order knows which lets stand before a use.
#include <algorithm>

#include "frontend/program_walk.h"
#include "frontend/resolve.h"
#include "vm/base/input_limits.h"
#include "vm/base/text.h"

namespace relux::frontend {
namespace {

/// The variables of one function, shell, cleanup block, or test or effect.
class VariableTable {
  public:
    struct Variable {
        std::string_view name;
        SourceRange declared;
        bool read = false;
    };

    /// A second declaration of a name is the same variable.
    std::uint32_t declare(const Name& name) {
        if (const auto known = find(name.text); known != kNoIndex) return known;
        const auto index = static_cast<std::uint32_t>(variables_.size());
        variables_.push_back({name.text, name.range});
        if (index >= kFew) index_.emplace(name.text, index);
        return index;
    }
    std::uint32_t find(std::string_view name) const {
        for (std::uint32_t i = 0; i < std::min<std::size_t>(kFew, variables_.size()); ++i) {
            if (variables_[i].name == name) return i;
        }
        const auto it = index_.find(name);
        return it == index_.end() ? kNoIndex : it->second;
    }
    void mark_read(std::uint32_t index) { variables_[index].read = true; }
    const std::vector<Variable>& variables() const { return variables_; }
    std::vector<std::string_view> names() const {
        std::vector<std::string_view> names;
        names.reserve(variables_.size());
        for (const Variable& variable : variables_)
            names.push_back(variable.name);
        return names;
    }

  private:
    /// Most have few, and those are found without an index.
    static constexpr std::uint32_t kFew = 8;
    std::vector<Variable> variables_;
    std::unordered_map<std::string_view, std::uint32_t> index_;  ///< of those after the first few
};

enum class Context : std::uint8_t { Function, Declarations, Overlay, Block, Cleanup, Marker };

class NameResolver {
  public:
    NameResolver(const Program& program, LoadedModule& module) : program_(program), module_(module) {}

    void run() {
        for (std::uint32_t i = 0; i < module_.syntax.functions.size(); ++i)
            function(i);
        for (std::uint32_t i = 0; i < module_.syntax.effects.size(); ++i) {
            owner_ = EnvironmentRead::From::Effect;
            owner_index_ = i;
            markers(module_.syntax.effects[i].markers);
            EffectResolution& effect = module_.effect_resolutions[i];
            scope(effect.scope, &effect);
        }
        for (std::uint32_t i = 0; i < module_.syntax.tests.size(); ++i) {
            owner_ = EnvironmentRead::From::Test;
            owner_index_ = i;
            markers(module_.syntax.tests[i].markers);
            scope(module_.test_resolutions[i], nullptr);
        }
    }

  private:
    void function(std::uint32_t index) {
        const FunctionSyntax& syntax = module_.syntax.functions[index];
        owner_ = EnvironmentRead::From::Function;
        owner_index_ = index;
        markers(syntax.markers);
        VariableTable locals;
        for (const Name& parameter : syntax.parameters) {
            if (locals.find(parameter.text) != kNoIndex) {
                report(module_, DiagnosticCode::NameConflict, parameter.range,
                       "name conflict: two parameters are named `" + std::string(parameter.text) + "`");
            }
            locals.mark_read(locals.declare(parameter));  // an unused parameter is part of the interface
        }
        context_ = Context::Function;
        locals_ = &locals;
        for (const Statement& statement : syntax.body) {
            visit(statement);
            // The value of the last statement is the function's: a let there is read by the caller.
            const auto* let = std::get_if<Let>(&statement.node);
            if (let != nullptr && &statement == &syntax.body.back())
                locals.mark_read(locals.find(let->name.text));
        }
        locals_ = nullptr;
        warn_unused(locals);
        module_.function_variables.push_back(locals.names());
    }

    void markers(List<MarkerSyntax> markers) {
        context_ = Context::Marker;
        for (const MarkerSyntax& marker : markers) {
            if (marker.left) visit(*marker.left);
            if (marker.right) visit(*marker.right);
            if (marker.pattern) visit(*marker.pattern);
        }
    }

    void scope(ScopeResolution& resolution, EffectResolution* effect) {
        VariableTable slots;
        for (std::size_t i = 0; i < resolution.slots.size(); ++i) {
            slots.mark_read(slots.declare({resolution.slots[i], {}}));
        }
        scope_ = &resolution;
        slots_ = &slots;
        context_ = Context::Declarations;
        for (const Statement& statement : resolution.body->declarations)
            visit(statement);
        overlays();
        blocks();
        cleanup();
        if (effect != nullptr) give_slots(*effect, slots);
        warn_unused(slots);
        resolution.slots = slots.names();
        report_start_cycles();
        scope_ = nullptr;
        slots_ = nullptr;
    }

    void overlays() {
        context_ = Context::Overlay;
        for (start_ = 0; start_ < scope_->body->starts.size(); ++start_) {
            for (const OverlayEntry& entry : scope_->body->starts[start_].overlay) {
                if (entry.value) {
                    visit(*entry.value);
                } else {
                    bind(&entry, entry.key.text, entry.key.range);
                }
            }
            auto& waits_for = scope_->starts[start_].waits_for;
            std::sort(waits_for.begin(), waits_for.end());
            waits_for.erase(std::unique(waits_for.begin(), waits_for.end()), waits_for.end());
        }
    }

    void blocks() {
        context_ = Context::Block;
        std::vector<VariableTable> tables(scope_->frames.size());
        for (std::size_t i = 0; i < scope_->body->shells.size(); ++i) {
            locals_ = &tables[scope_->block_frames[i]];
            for (const Statement& statement : scope_->body->shells[i].body)
                visit(statement);
        }
        locals_ = nullptr;
        for (std::size_t i = 0; i < tables.size(); ++i) {
            warn_unused(tables[i]);
            scope_->frames[i].variables = tables[i].names();
        }
    }

    void cleanup() {
        if (!scope_->body->cleanup) return;
        context_ = Context::Cleanup;
        VariableTable locals;
        locals_ = &locals;
        for (const Statement& statement : *scope_->body->cleanup)
            visit(statement);
        locals_ = nullptr;
        warn_unused(locals);
        scope_->cleanup_variables = locals.names();
    }

    static void give_slots(EffectResolution& effect, VariableTable& slots) {
        for (ResolvedExpose& expose : effect.exposes) {
            if (!expose.variable || expose.start != kNoIndex) continue;
            expose.slot = slots.find(expose.inner_name);
            slots.mark_read(expose.slot);
        }
    }

    void warn_unused(const VariableTable& table) {
        for (const VariableTable::Variable& variable : table.variables()) {
            if (variable.read || variable.name.starts_with("_")) continue;
            DiagnosticParts parts;
            if (sent_with_dollar(variable.name)) {
                const std::string name(variable.name);
                parts.hint = "`$" + name + "` is the shell's own variable; `${" + name + "}` is this one";
            }
            report(module_, DiagnosticCode::UnusedLet, variable.declared,
                   "variable `" + std::string(variable.name) + "` is never read", std::move(parts));
        }
    }

    /// Whether `$name` stands anywhere in the file.
    bool sent_with_dollar(std::string_view name) const {
        const std::string_view text = module_.source->text();
        const std::string wanted = "$" + std::string(name);
        for (auto at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
            const char next = text[at + wanted.size()];  // a text ends with a newline
            const bool longer = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') ||
                                (next >= '0' && next <= '9') || next == '_';
            if (!longer) return true;
        }
        return false;
    }

    // Statements

    void visit(const Statement& statement) {
        std::visit(
            [&](const auto& node) {
                visit_nested(node);
                finish(node);
            },
            statement.node);
    }

    /// The texts and expressions in a statement.
    template <class Node>
    void visit_nested(const Node& statement) {
        for_each_node(statement, [&]<class Inner>(const Inner& inner) {
            constexpr bool kHasNames = std::is_same_v<Inner, Text> || std::is_same_v<Inner, Expression>;
            if constexpr (kHasNames) visit(inner);
            return !kHasNames;
        });
    }

    template <class Node>
    void finish(const Node&) {}
    /// After its value: `let x = x` reads the outer one.
    void finish(const Let& let) { declare(let); }
    void finish(const Assign& assign) { bind_assignment(assign); }

    void declare(const Let& let) {
        const bool in_scope = context_ == Context::Declarations;
        const std::uint32_t index = (in_scope ? slots_ : locals_)->declare(let.name);
        module_.bindings[&let] = {in_scope ? Binding::Kind::Slot : Binding::Kind::Local, index};
    }

    void bind_assignment(const Assign& assign) {
        Binding binding = declared(assign.name.text);
        if (binding.kind == Binding::Kind::Undefined) {
            DiagnosticParts parts;
            const std::string_view nearest = nearest_declared(assign.name.text);
            parts.hint = nearest.empty()
                             ? "declare it first: `let " + std::string(assign.name.text) + " = ...`"
                             : "did you mean `" + std::string(nearest) + "`?";
            report(module_, DiagnosticCode::UndeclaredAssignment, assign.name.range,
                   "assignment to undeclared variable '" + std::string(assign.name.text) + "'",
                   std::move(parts));
        }
        module_.bindings[&assign] = binding;
    }

    // Expressions

    void visit(const Expression& expression) {
        if (const auto* string = std::get_if<StringExpression>(&expression.node)) {
            visit(string->text);
        } else if (const auto* capture = std::get_if<CaptureExpression>(&expression.node)) {
            check_capture(capture->number, expression.range);
        } else if (const auto* variable = std::get_if<VariableExpression>(&expression.node)) {
            bind(variable, variable->name.text, expression.range);
        } else if (const auto* member = std::get_if<MemberExpression>(&expression.node)) {
            bind_alias_variable(member, member->alias.text, member->member.text, expression.range);
        } else if (const auto* call = std::get_if<CallExpression>(&expression.node)) {
            visit_call(*call, expression.range);
        }
    }

    void visit_call(const CallExpression& call, SourceRange range) {
        const CallTarget target = resolve_call(call, range);
        module_.calls[&call] = target;
        for (std::size_t i = 0; i < call.arguments.size(); ++i) {
            // default(NAME, ...) says that the name may be unset.
            const bool optional = i == 0 && target.builtin != nullptr && target.builtin->name == "default";
            const bool outer = may_be_unset_;
            may_be_unset_ = optional;
            visit(call.arguments[i]);
            may_be_unset_ = outer;
        }
    }

    void visit(const Text& text) {
        for (const TextPart& part : text.parts) {
            switch (part.kind) {
                case TextPart::Kind::Literal:
                    break;
                case TextPart::Kind::Variable:
                    bind(&part, part.text, part.range);
                    break;
                case TextPart::Kind::Capture:
                    check_capture(part.capture, part.range);
                    break;
                case TextPart::Kind::AliasVariable:
                    bind_alias_variable(&part, part.text, part.member, part.range);
                    break;
            }
        }
    }

    void check_capture(std::uint32_t number, SourceRange range) {
        if (number <= kMaximumCapture) return;
        report(module_, DiagnosticCode::LimitExceeded, range,
               "limit exceeded: a regex has at most " + std::to_string(kMaximumCapture) + " captures");
    }

    CallTarget resolve_call(const CallExpression& call, SourceRange range) {
        const std::string_view name = call.name.text;
        auto it = module_.functions.find(name);
        if (it != module_.functions.end()) {
            for (const auto& visible : it->second) {
                if (visible.symbol.syntax().parameters.size() == call.arguments.size())
                    return {visible.symbol, nullptr};
            }
        }
        if (const Builtin* builtin = program_.find_builtin(name, call.arguments.size())) return {{}, builtin};
        if (!module_.incomplete && (it != module_.functions.end() || !names_import(module_, name)))
            report_undefined(call, range);
        return {};
    }

    void report_undefined(const CallExpression& call, SourceRange range) {
        const std::string_view name = call.name.text;
        std::vector<std::size_t> arities;
        DiagnosticParts parts;
        auto [first, last] = program_.builtins_by_name.equal_range(name);
        for (auto it = first; it != last; ++it) {
            for (auto arity = it->second->minimum_arity; arity <= it->second->maximum_arity; ++arity)
                arities.push_back(arity);
        }
        if (auto it = module_.functions.find(name); it != module_.functions.end()) {
            for (const auto& visible : it->second) {
                arities.push_back(visible.symbol.syntax().parameters.size());
                parts.notes.push_back(
                    {visible.symbol.module->source, visible.symbol.syntax().header_range, "defined here"});
            }
        }
        std::string message = "undefined function `" + signature(name, call.arguments.size()) + "`";
        if (arities.empty()) {
            parts.hint = missing_import(program_, module_, name, signature(name, call.arguments.size()));
            if (parts.hint.empty()) message += did_you_mean(name, known_functions());
        } else {
            std::sort(arities.begin(), arities.end());
            std::vector<std::string> existing;
            for (std::size_t arity : arities)
                existing.push_back(signature(name, arity));
            message += ": " + quoted_list(existing) + (existing.size() == 1 ? " exists" : " exist");
        }
        report(module_, DiagnosticCode::UndefinedFunction, range, std::move(message), std::move(parts));
    }

    std::vector<std::string_view> known_functions() const {
        std::vector<std::string_view> names;
        for (const Builtin& builtin : program_.builtins)
            names.push_back(builtin.name);
        for (const auto& [name, visible] : module_.functions)
            names.push_back(name);
        return names;
    }

    // Variables

    /// The nearest declared variable, or Undefined.
    Binding declared(std::string_view name) const {
        if (context_ != Context::Marker) {
            if (locals_ != nullptr) {
                if (auto index = locals_->find(name); index != kNoIndex) return {Binding::Kind::Local, index};
            }
            if (slots_ != nullptr) {
                if (auto index = slots_->find(name); index != kNoIndex) return {Binding::Kind::Slot, index};
            }
        }
        return {};
    }

    std::string_view nearest_declared(std::string_view name) const {
        std::vector<std::string_view> names;
        for (const VariableTable* table : {locals_, slots_}) {
            if (table == nullptr) continue;
            for (const auto& variable : table->variables())
                names.push_back(variable.name);
        }
        return nearest_name(name, names);
    }

    void bind(const void* node, std::string_view name, SourceRange range) {
        Binding binding = declared(name);
        if (binding.kind == Binding::Kind::Local) locals_->mark_read(binding.index);
        if (binding.kind == Binding::Kind::Slot) slots_->mark_read(binding.index);
        if (binding.kind == Binding::Kind::Undefined) {
            const bool base = context_ == Context::Function || context_ == Context::Marker;
            binding.kind = base ? Binding::Kind::BaseEnvironment : Binding::Kind::Environment;
            if (context_ != Context::Marker && !may_be_unset_) {
                module_.environment_reads.push_back(
                    {name, range, owner_, owner_index_, nearest_declared(name)});
            }
        }
        module_.bindings[node] = binding;
    }

    void bind_alias_variable(const void* node, std::string_view alias, std::string_view name,
                             SourceRange range) {
        Binding binding;
        if (context_ == Context::Function && module_.syntax.functions[owner_index_].pure) {
            report(module_, DiagnosticCode::ImpureInPure, range,
                   "shell operation in pure context: `" + std::string(alias) + "." + std::string(name) +
                       "` is a variable of an effect, and a pure function sees none",
                   {{}, "pass it as an argument"});
        } else if (const char* reason = no_alias_variables_here()) {
            report(module_, DiagnosticCode::UndefinedAlias, range,
                   "undefined alias `" + std::string(alias) + "`: " + reason);
        } else if (auto it = scope_->aliases.find(alias); it == scope_->aliases.end()) {
            std::vector<std::string_view> names;
            for (const auto& [known, start] : scope_->aliases)
                names.push_back(known);
            report(module_, DiagnosticCode::UndefinedAlias, range,
                   "undefined alias `" + std::string(alias) + "`" + did_you_mean(alias, std::move(names)));
        } else if (check_exposes_variable(scope_->starts[it->second].effect, name, range)) {
            binding = {Binding::Kind::AliasVariable, alias_variable(it->second, name)};
            if (context_ == Context::Overlay) scope_->starts[start_].waits_for.push_back(it->second);
        }
        module_.bindings[node] = binding;
    }

    /// Why `Alias.name` means nothing in this context, or null.
    const char* no_alias_variables_here() const {
        switch (context_) {
            case Context::Function:
                return "a function sees its own names and the base environment only";
            case Context::Marker:
                return "a marker is decided before anything is started";
            case Context::Declarations:
                return "a `let` is evaluated before anything is started";
            case Context::Overlay:
            case Context::Block:
            case Context::Cleanup:
                return nullptr;
        }
        return nullptr;
    }

    bool check_exposes_variable(const EffectSymbol& effect, std::string_view name, SourceRange range) {
        if (effect.module == nullptr || effect.module->syntax.has_errors) return false;
        if (find_expose(effect.resolution(), true, name) != nullptr) return true;
        std::vector<std::string_view> names;
        for (const ResolvedExpose& expose : effect.resolution().exposes) {
            if (expose.variable) names.push_back(expose.name);
        }
        DiagnosticParts parts;
        parts.hint = "write `expose var " + std::string(name) + "` in the effect";
        report(module_, DiagnosticCode::VariableNotExposed, range,
               "effect " + std::string(effect.syntax().name.text) + " does not expose a variable `" +
                   std::string(name) + "`" + did_you_mean(name, std::move(names)),
               std::move(parts));
        return false;
    }

    std::uint32_t alias_variable(std::uint32_t start, std::string_view name) {
        auto& known = scope_->alias_variables;
        for (std::uint32_t i = 0; i < known.size(); ++i) {
            if (known[i].start == start && known[i].name == name) return i;
        }
        known.push_back({start, name});
        return static_cast<std::uint32_t>(known.size() - 1);
    }

    // Starts that wait for each other

    void report_start_cycles() {
        std::vector<std::uint8_t> states(scope_->starts.size(), 0);
        std::vector<std::uint32_t> path;
        for (std::uint32_t i = 0; i < states.size(); ++i) {
            if (states[i] == 0 && follow_waits(i, states, path)) return;
        }
    }

    bool follow_waits(std::uint32_t start, std::vector<std::uint8_t>& states,
                      std::vector<std::uint32_t>& path) {
        states[start] = 1;
        path.push_back(start);
        for (std::uint32_t next : scope_->starts[start].waits_for) {
            if (states[next] == 1) {
                report_start_cycle(next, path);
                return true;
            }
            if (states[next] == 0 && follow_waits(next, states, path)) return true;
        }
        path.pop_back();
        states[start] = 2;
        return false;
    }

    void report_start_cycle(std::uint32_t first, const std::vector<std::uint32_t>& path) {
        const auto& starts = scope_->body->starts;
        auto alias = [&](std::uint32_t index) {
            const StartSyntax& start = starts[index];
            return std::string(start.alias ? start.alias->text : start.effect.text);
        };
        std::string message = "cycle of exposed variables: ";
        for (auto it = std::find(path.begin(), path.end(), first); it != path.end(); ++it)
            message += alias(*it) + " -> ";
        report(module_, DiagnosticCode::StartCycle, starts[first].range, message + alias(first));
    }

    const Program& program_;
    LoadedModule& module_;
    Context context_ = Context::Marker;
    VariableTable* locals_ = nullptr;
    VariableTable* slots_ = nullptr;
    ScopeResolution* scope_ = nullptr;
    std::uint32_t start_ = 0;    ///< whose overlay is being resolved
    bool may_be_unset_ = false;  ///< don't remember environment reads
    EnvironmentRead::From owner_ = EnvironmentRead::From::Function;
    std::uint32_t owner_index_ = 0;
};

}  // namespace

void resolve_names(const Program& program, LoadedModule& module) {
    NameResolver(program, module).run();
}

}  // namespace relux::frontend

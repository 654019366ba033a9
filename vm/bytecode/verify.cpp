// The tables of a module: every index in range, every chunk owned by exactly one entry of the right kind,
// every name that must be unique unique. Then the code of each chunk (chunk_verifier.h), which may rely on
// the tables. What needs other modules or the built-ins is checked when a program is linked.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "vm/bytecode/chunk_verifier.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/module_file.h"
#include "vm/bytecode/quoted.h"

namespace relux::bytecode {

namespace {

/// Where a rule is broken. Written out only for the message: most modules have nothing to say.
class Where {
  public:
    Where(const char* kind) : kind_(kind) {}  // NOLINT(google-explicit-constructor)
    Where(const char* kind, std::string_view name, bool in_quotes = false)
        : kind_(kind), name_(name), in_quotes_(in_quotes) {}
    Where(const char* kind, std::string_view name, std::size_t number)
        : kind_(kind), name_(name), number_(number) {}

    std::string text() const {
        auto text = std::string(kind_);
        text += in_quotes_ ? quoted(name_) : std::string(name_);
        if (number_) text += (name_.empty() ? "" : "/") + std::to_string(*number_);
        return text;
    }

  private:
    const char* kind_;
    std::string_view name_;
    std::optional<std::size_t> number_;
    bool in_quotes_ = false;
};

/// Stops at the first broken rule: check() and its callers do nothing once there is an error.
class ModuleVerifier {
  public:
    explicit ModuleVerifier(const Module& module)
        : module_(module), contexts_(module.chunks.size()), owned_(module.chunks.size(), false) {}

    std::optional<BrokenRule> verify() {
        part("module", [&] { header(); });
        part("durations", [&] { pools(); });
        part("functions", [&] { functions(); });
        part("scopes", [&] { scope_owners(); });
        part("scopes", [&] {
            for (std::size_t i = 0; i < module_.scopes.size() && ok(); ++i)
                scope(static_cast<std::uint32_t>(i));
        });
        part("effects", [&] { effects(); });
        part("tests", [&] { tests(); });
        part("workflows", [&] { workflows(); });
        part("references", [&] { references(); });
        part("chunks", [&] {
            for (std::size_t i = 0; i < module_.chunks.size() && ok(); ++i)
                code(i);
        });
        if (ok()) return std::nullopt;
        broken_.message = "module " + quoted(module_.name) + ": " + error_;
        return std::move(broken_);
    }

  private:
    bool ok() const { return error_.empty(); }
    template <class F>
    void part(std::string_view section, F&& check_part) {
        if (!ok()) return;
        broken_.section = section;
        check_part();
    }
    bool check(bool holds, const Where& where, const char* rule) {
        if (ok() && !holds) error_ = where.text() + ": " + rule;
        return ok();
    }
    bool string(StringIndex index, const Where& where, const char* rule = "a string index is out of range") {
        return check(index < module_.strings.size(), where, rule);
    }
    /// Logs are called as the shell and its effect.
    bool file_name(StringIndex index, const Where& where) {
        return string(index, where) &&
               check(module_.strings[index].find_first_of(std::string_view("/\0", 2)) == std::string::npos,
                     where, "the name can't be that of a file");
    }
    bool optional_string(StringIndex index, const Where& where) {
        return index == kNone || string(index, where);
    }
    void span(const Span& span, const Where& where) {
        auto broken = verify_span(span, line_count_);
        if (ok() && broken) error_ = where.text() + ": " + *broken;
    }

    static std::size_t longest_part(std::string_view path) {
        std::size_t longest = 0;
        for (std::size_t begin = 0; begin <= path.size();) {
            const auto end = std::min(path.find('/', begin), path.size());
            longest = std::max(longest, end - begin);
            begin = end + 1;
        }
        return longest;
    }
    void header() {
        const auto& name = module_.name;
        check(!name.empty(), "header", "the module has no name");
        check(name.find('\0') == std::string::npos, "header", "the name holds a zero byte");
        check(name.empty() || name[0] != '/', "header", "the name is not a relative path");
        check(("/" + name + "/").find("/../") == std::string::npos, "header", "the name leaves the project");
        check(name.size() <= kLongestPath, "header", "the name is longer than a path can be");
        check(longest_part(name) <= kLongestFileName, "header", "the name has a part that no file can have");
        check(module_.source.size() <= kLargestSource, "header", "the source is too long");
        if (!module_.source.empty()) {
            auto newlines = std::count(module_.source.begin(), module_.source.end(), '\n');
            line_count_ = static_cast<std::uint32_t>(newlines) + 1;
        }
    }

    void pools() {
        for (auto duration : module_.durations)
            check(duration > 0, "durations", "a duration is not above 0");
    }

    void references() {
        for (const auto& reference : module_.function_refs) {
            string(reference.name, "function references");
            optional_string(reference.module, "function references");
            if (!ok()) return;
            const auto& name = module_.strings[reference.name];
            const auto found = function_purity_.find({name, reference.arity});
            const bool known = found != function_purity_.end();
            const bool local = reference.module == kNone;
            check(known || !local, Where("function reference ", name), "no such function in this module");
            impure_functions_.push_back(local && known && !found->second);
        }
        for (const auto& reference : module_.effect_refs) {
            string(reference.name, "effect references");
            optional_string(reference.module, "effect references");
            if (ok() && reference.module == kNone) {
                const auto& name = module_.strings[reference.name];
                check(effect_names_.contains(name), Where("effect reference ", name),
                      "no such effect in this module");
            }
        }
        for (const auto& reference : module_.native_refs)
            string(reference.name, "native references");
        for (const auto& reference : module_.template_functions)
            string(reference.name, "template functions");
        for (const auto& reference : module_.workflow_refs) {
            optional_string(reference.module, "workflow references");
            optional_string(reference.target_module, "workflow references");
            optional_string(reference.target, "workflow references");
            check(reference.module != kNone || reference.workflow < module_.workflows.size(),
                  "workflow references", "no such workflow in this module");
            check(reference.target != kNone || reference.target_module == kNone, "workflow references",
                  "a target's module without a target");
        }
    }

    /// `index` names a chunk of that kind and scope that nothing else owns. False when a rule is broken.
    bool own(ChunkIndex index, ChunkKind kind, std::uint32_t scope, const Where& where) {
        if (!check(index < module_.chunks.size(), where, "a chunk index is out of range")) return false;
        const auto& chunk = module_.chunks[index];
        check(chunk.kind == kind, where, "its chunk is of another kind");
        check(chunk.scope == scope, where, "its chunk runs in another scope");
        check(!owned_[index], where, "its chunk belongs to something else too");
        if (kind != ChunkKind::Function && kind != ChunkKind::PureFunction) {
            check(chunk.argument_count == 0, where, "its chunk takes arguments");
        }
        check(is_of_workflow(kind) || chunk.document_count == 0, where, "its chunk has document registers");
        owned_[index] = true;
        return ok();
    }

    void markers(const std::vector<Marker>& markers, const Where& where) {
        for (const auto& marker : markers) {
            check(marker.kind <= MarkerKind::Flaky, where, "unknown kind of marker");
            check(marker.modifier <= MarkerModifier::Unless, where, "unknown modifier of a marker");
            string(marker.text, where, "a marker without its text");
            span(marker.span, where);
            bool conditional = marker.modifier != MarkerModifier::None;
            check(conditional == (marker.condition != kNone), where,
                  "a marker's condition and modifier don't agree");
            if (!conditional) optional_string(marker.subject, where);
            if (!ok() || !conditional) continue;
            string(marker.subject, where, "a marker's condition without its subject");
            own(marker.condition, ChunkKind::Marker, kNone, where);
        }
    }

    void functions() {
        for (const auto& function : module_.functions) {
            if (!string(function.name, "functions")) return;
            const Where where("function ", module_.strings[function.name], function.parameters.size());
            const std::pair key{std::string_view(module_.strings[function.name]), function.parameters.size()};
            check(function_purity_.emplace(key, function.pure).second, where, "defined twice");
            for (auto parameter : function.parameters)
                string(parameter, where);
            span(function.span, where);
            auto kind = function.pure ? ChunkKind::PureFunction : ChunkKind::Function;
            if (!own(function.chunk, kind, kNone, where)) return;
            check(module_.chunks[function.chunk].argument_count == function.parameters.size(), where,
                  "its chunk takes another number of arguments");
            contexts_[function.chunk].written = module_.chunks[function.chunk].argument_count;
            markers(function.markers, where);
        }
    }

    /// Every scope belongs to exactly one test or effect.
    void scope_owners() {
        std::vector<unsigned> owners(module_.scopes.size(), 0);
        auto count = [&](std::uint32_t scope, const char* where) {
            if (check(scope < owners.size(), where, "a scope index is out of range")) ++owners[scope];
        };
        for (const auto& effect : module_.effects)
            count(effect.scope, "effects");
        for (const auto& test : module_.tests)
            count(test.scope, "tests");
        for (std::size_t i = 0; i < owners.size() && ok(); ++i) {
            check(owners[i] == 1, Where("scope ", {}, i), "it does not belong to exactly one test or effect");
        }
    }

    void scope(std::uint32_t index) {
        const auto& scope = module_.scopes[index];
        if (!string(scope.name, "scopes")) return;
        const Where where("scope ", module_.strings[scope.name], true);
        span(scope.span, where);
        for (auto slot : scope.slots)
            string(slot, where);
        if (scope.declarations != kNone) own(scope.declarations, ChunkKind::Declarations, index, where);
        starts(index, where);
        for (const auto& variable : scope.alias_variables) {
            check(variable.start < scope.starts.size(), where, "an alias variable's start is out of range");
            string(variable.name, where);
        }
        frames(scope, where);
        for (const auto& block : scope.blocks) {
            span(block.span, where);
            check(block.frame < scope.frames.size(), where, "a block's frame is out of range");
            if (!ok() || !own(block.chunk, ChunkKind::Block, index, where)) return;
            auto persistent = scope.frames[block.frame].variable_count;
            contexts_[block.chunk].written = contexts_[block.chunk].persistent = persistent;
        }
        if (scope.cleanup != kNone) own(scope.cleanup, ChunkKind::Cleanup, index, where);
        markers(scope.markers, where);
    }

    void frames(const Scope& scope, const Where& where) {
        std::set<std::pair<std::uint32_t, std::string_view>> names;
        for (const auto& frame : scope.frames) {
            check(frame.start == kNone || frame.start < scope.starts.size(), where,
                  "a shell's start is out of range");
            check(frame.variable_count <= kMaximumRegisters, where, "a shell has too many variables");
            if (!file_name(frame.name, where)) return;
            check(names.emplace(frame.start, module_.strings[frame.name]).second, where,
                  "a shell is listed twice");
        }
    }

    void starts(std::uint32_t index, const Where& where) {
        const auto& starts = module_.scopes[index].starts;
        for (const auto& start : starts) {
            check(start.effect < module_.effect_refs.size(), where, "a start's effect is out of range");
            optional_string(start.alias, where);
            span(start.span, where);
            for (auto other : start.waits_for) {
                check(other < starts.size(), where, "a start waits for one that is out of range");
            }
            if (ok() && start.overlay != kNone && own(start.overlay, ChunkKind::Overlay, index, where))
                contexts_[start.overlay].start = &start;
            if (!ok()) return;
        }
        check(can_be_ordered(starts), where, "its starts wait for each other");
    }

    /// Whether the starts can be set up one after the other: takes away those that wait for nothing that is
    /// left.
    static bool can_be_ordered(const std::vector<Start>& starts) {
        std::vector<std::size_t> waiting(starts.size(), 0);
        std::vector<std::vector<std::size_t>> dependents(starts.size());
        for (std::size_t i = 0; i < starts.size(); ++i) {
            waiting[i] = starts[i].waits_for.size();
            for (auto other : starts[i].waits_for)
                dependents[other].push_back(i);
        }
        std::vector<std::size_t> ready;
        for (std::size_t i = 0; i < starts.size(); ++i) {
            if (waiting[i] == 0) ready.push_back(i);
        }
        std::size_t done = 0;
        while (!ready.empty()) {
            auto next = ready.back();
            ready.pop_back();
            ++done;
            for (auto dependent : dependents[next]) {
                if (--waiting[dependent] == 0) ready.push_back(dependent);
            }
        }
        return done == starts.size();
    }

    void effects() {
        for (const auto& effect : module_.effects) {
            if (!ok()) return;
            const auto& scope = module_.scopes[effect.scope];
            const auto& name = module_.strings[scope.name];
            const Where where("effect ", name);
            check(effect_names_.insert(name).second, where, "defined twice");
            file_name(scope.name, where);
            for (std::size_t i = 0; i < effect.expects.size(); ++i) {
                if (!string(effect.expects[i], where) || i == 0) continue;
                check(module_.strings[effect.expects[i - 1]] < module_.strings[effect.expects[i]], where,
                      "its expectations are not in order");
            }
            exposes(effect, scope, where);
        }
    }

    void exposes(const Effect& effect, const Scope& scope, const Where& where) {
        std::set<std::pair<bool, std::string_view>> names;
        for (const auto& expose : effect.exposes) {
            string(expose.inner_name, where);
            span(expose.span, where);
            if (!string(expose.name, where)) return;
            check(names.emplace(expose.variable, module_.strings[expose.name]).second, where,
                  "exposes a name twice");
            if (expose.start != kNone) {
                check(expose.start < scope.starts.size(), where, "exposes from a start that is out of range");
            } else if (expose.variable) {
                check(expose.slot < scope.slots.size(), where, "exposes a variable that is out of range");
            } else if (ok()) {
                check(opens_shell(scope, module_.strings[expose.inner_name]), where,
                      "exposes a shell that it has not");
            }
        }
    }

    /// A shell is opened by its first block; one without is not there for who starts the effect.
    bool opens_shell(const Scope& scope, std::string_view name) const {
        return std::any_of(scope.blocks.begin(), scope.blocks.end(), [&](const Block& block) {
            const auto& frame = scope.frames[block.frame];
            return frame.start == kNone && module_.strings[frame.name] == name;
        });
    }

    void tests() {
        for (const auto& test : module_.tests) {
            if (!ok()) return;
            const Where where("test ", module_.strings[module_.scopes[test.scope].name], true);
            optional_string(test.docstring, where);
            check(test.timeout_kind <= TimeoutKind::Assertion, where, "unknown kind of time-out");
            bool timed = test.timeout_kind != TimeoutKind::None;
            check(!timed || test.timeout < module_.durations.size(), where, "its time-out is out of range");
            if (test.workflow == kNone) continue;
            const auto& scope = module_.scopes[test.scope];
            check(test.workflow < module_.workflows.size(), where, "its workflow is out of range");
            check(scope.declarations == kNone && scope.starts.empty() && scope.blocks.empty() &&
                      scope.cleanup == kNone,
                  where, "it is a workflow and has parts of other tests");
        }
    }

    /// Steps, loops and branches make trees: each is reached from one place at most, so that nothing within a
    /// workflow leads back to itself. Only calls do, and these are counted when they run.
    void workflows() {
        for (const auto& step : module_.steps) {
            if (!string(step.name, "steps")) return;
            const Where where("step ", module_.strings[step.name], true);
            string(step.type, where);
            string(step.key_path, where);
            span(step.span, where);
            own(step.chunk, ChunkKind::Step, kNone, where);
        }
        for (const auto& loop : module_.loops) {
            string(loop.item, "loops");
            own(loop.chunk, ChunkKind::Steps, kNone, "loops");
        }
        for (const auto& workflow : module_.workflows) {
            if (!string(workflow.name, "workflows")) return;
            const Where where("workflow ", module_.strings[workflow.name], true);
            span(workflow.span, where);
            own(workflow.setup, ChunkKind::Setup, kNone, where);
            own(workflow.steps, ChunkKind::Steps, kNone, where);
        }
        std::vector<bool> steps(module_.steps.size(), false);
        std::vector<bool> loops(module_.loops.size(), false);
        for (std::size_t i = 0; i < module_.chunks.size() && ok(); ++i) {
            if (!is_of_workflow(module_.chunks[i].kind)) continue;
            for (const auto word : module_.chunks[i].code)
                nested(word, Where("chunk ", {}, i), steps, loops);
        }
    }

    void nested(Instruction word, const Where& where, std::vector<bool>& steps, std::vector<bool>& loops) {
        // What is out of range is refused with the chunk's code.
        if (word.opcode_number() >= static_cast<unsigned>(kOpcodeCount)) return;
        const auto once = [&](std::vector<bool>& seen, const char* rule) {
            if (word.bx() >= seen.size()) return;
            check(!seen[word.bx()], where, rule);
            seen[word.bx()] = true;
        };
        const auto kind = opcode_info(word.opcode()).b;
        if (kind == OperandKind::StepRef) once(steps, "a step is reached from two places");
        if (kind == OperandKind::LoopRef) once(loops, "a loop is reached from two places");
        if (kind == OperandKind::ChunkRef && word.bx() < module_.chunks.size())
            own(word.bx(), ChunkKind::Steps, kNone, where);
    }

    void code(std::size_t index) {
        const Where where("chunk ", {}, index);
        broken_.chunk = static_cast<ChunkIndex>(index);
        if (!check(owned_[index], where, "it belongs to nothing")) return;
        auto context = contexts_[index];
        context.line_count = line_count_;
        context.impure_functions = &impure_functions_;
        auto broken = verify_chunk(module_, module_.chunks[index], context);
        if (!broken) return;
        error_ = where.text() + ", " + broken->rule;
        broken_.instruction = broken->instruction;
    }

    const Module& module_;
    std::vector<ChunkContext> contexts_;
    std::vector<bool> owned_;
    std::map<std::pair<std::string_view, std::size_t>, bool> function_purity_;  ///< by name and arity
    std::set<std::string_view> effect_names_;
    std::vector<bool> impure_functions_;  ///< see ChunkContext
    std::uint32_t line_count_ = 0;
    std::string error_;
    BrokenRule broken_;
};

}  // namespace

std::optional<BrokenRule> find_broken_rule(const Module& module) {
    return ModuleVerifier(module).verify();
}

Status verify(const Module& module) {
    if (auto broken = find_broken_rule(module)) return Error{std::move(broken->message)};
    return Done{};
}

}  // namespace relux::bytecode

// The tables of a module. First what their rows say (records.def): every index in range, every number one of
// its enumeration, every place possible, every chunk of the kind that its owner needs. Then the rules that
// are about meaning, such as that a name is unique, and last the code of each chunk (chunk_verifier.h), which
// may rely on the tables. What needs other modules or the built-ins is checked when a program is linked.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "vm/bytecode/chunk_verifier.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/module_fields.h"
#include "vm/bytecode/module_file.h"
#include "vm/bytecode/quoted.h"
#include "vm/value/path.h"

namespace relux::bytecode {

namespace {

/// Where a rule is broken. Written out only for the message: most modules have nothing to say.
class Where {
  public:
    Where(const char* kind) : kind_(kind) {}       // NOLINT(google-explicit-constructor)
    Where(std::string_view kind) : kind_(kind) {}  // NOLINT(google-explicit-constructor)
    Where(std::string_view kind, std::string_view name, bool in_quotes = false)
        : kind_(kind), name_(name), in_quotes_(in_quotes) {}
    Where(std::string_view kind, std::string_view name, std::size_t number)
        : kind_(kind), name_(name), number_(number) {}

    std::string text() const {
        auto text = std::string(kind_);
        text += in_quotes_ ? quoted_text(name_) : std::string(name_);
        if (number_) text += (name_.empty() ? "" : "/") + std::to_string(*number_);
        return text;
    }

  private:
    std::string_view kind_;
    std::string_view name_;
    std::optional<std::size_t> number_;
    bool in_quotes_ = false;
};

/// Every value of these types is right.
template <class T>
concept PlainValue = std::is_arithmetic_v<T> || std::is_same_v<T, std::string>;

/// How messages call an entry of a table.
template <class Entry>
constexpr std::string_view kEntryWord = RecordRow<Entry>::kName;
template <>
constexpr std::string_view kEntryWord<String> = "string";
template <>
constexpr std::string_view kEntryWord<Nanoseconds> = "duration";
template <>
constexpr std::string_view kEntryWord<Slot> = "variable";

/// Stops at the first broken rule: check() and its callers do nothing once there is an error.
class ModuleVerifier {
  public:
    explicit ModuleVerifier(const Module& module)
        : module_(module), contexts_(module.chunks.size()), owned_(module.chunks.size(), false) {}

    std::optional<BrokenRule> verify() {
        part("module", [&] { header(); });
        part("durations", [&] { pools(); });
        for_each_section(module_, [&](const SectionRow& section, auto fields) {
            part(section.name, [&] { fields(*this); });
        });
        part("functions", [&] { functions(); });
        part("scopes", [&] { scopes(); });
        part("effects", [&] { effects(); });
        part("tests", [&] { tests(); });
        part("workflows", [&] {
            paths();
            workflows();
        });
        part("references", [&] { references(); });
        part("chunks", [&] {
            for (std::size_t i = 0; i < module_.chunks.size() && ok(); ++i)
                code(i);
        });
        if (ok()) return std::nullopt;
        broken_.message = "module " + quoted_text(module_.name) + ": " + error_;
        return std::move(broken_);
    }

    // The walk over the rows.

    template <class T>
    void row(const ValueRow&, const T&) {}  // see header()
    template <class Entry, class T>
    void row(const TableRow<Entry>& row, const std::vector<T>& entries) {
        for (std::size_t i = 0; i < entries.size() && ok(); ++i) {
            number_ = static_cast<std::uint32_t>(i);
            const auto where = where_is(entries[i], row.words);
            where_ = &where;
            look(entries[i], {});
            if (std::is_same_v<Entry, Chunk> && !ok()) broken_.chunk = number_;
        }
    }
    template <class Row, class T>
    void row(const Row& row, const T& value, bool used) {
        if (used && ok()) look(value, row.rule);
    }

  private:
    bool ok() const { return error_.empty(); }
    template <class F>
    void part(std::string_view section, F&& check_part) {
        if (!ok()) return;
        broken_.section = section;
        check_part();
    }
    bool check(bool holds, const Where& where, std::string_view rule) {
        if (ok() && !holds) error_ = where.text() + ": " + std::string(rule);
        return ok();
    }

    /// Entries with a name are called by it, if it can be told.
    template <class T>
    Where where_is(const T&, std::string_view words) const {
        return words;
    }
    Where where_is(const Chunk&, std::string_view) const { return chunk(number_); }
    static Where chunk(std::size_t number) { return {"chunk ", {}, number}; }
    Where where_is(const Function& function, std::string_view words) const {
        if (!has(function.name)) return words;
        return {"function ", module_.strings[function.name], function.parameters.size()};
    }
    Where where_is(const Scope& scope, std::string_view words) const {
        return where_named("scope ", scope.name, words);
    }
    Where where_is(const Effect& effect, std::string_view words) const {
        if (!has(effect.scope) || !has(module_.scopes[effect.scope].name)) return words;
        return {"effect ", module_.strings[module_.scopes[effect.scope].name]};
    }
    Where where_is(const Test& test, std::string_view words) const {
        return has(test.scope) ? where_named("test ", module_.scopes[test.scope].name, words) : words;
    }
    Where where_is(const Step& step, std::string_view words) const {
        return where_named("step ", step.name, words);
    }
    Where where_is(const Workflow& workflow, std::string_view words) const {
        return where_named("workflow ", workflow.name, words);
    }
    Where where_named(std::string_view kind, StringIndex name, std::string_view words) const {
        return has(name) ? Where(kind, module_.strings[name], true) : Where(words);
    }

    // Each checks what a value of a type has to be, whatever its record.

    template <PlainValue T>
    void look(const T&, std::string_view) {}
    template <class T>
    requires std::is_enum_v<T>
    void look(T number, std::string_view) {
        using Row = EnumRow<T>;
        if constexpr (!Row::kRule.empty())
            check(static_cast<std::size_t>(number) < std::size(Row::kNames), *where_, Row::kRule);
    }
    template <AnyIndex T>
    void look(T index, std::string_view rule) {
        using Entry = typename IndexTraits<T>::Entry;
        if (IndexTraits<T>::kIsOptional && index == kNone) return;
        if (!has(index)) {
            error_ = where_->text() + ": ";
            error_ += rule.empty() ? "a " + std::string(kEntryWord<Entry>) + " index is out of range" : rule;
        } else if constexpr (IndexTraits<T>::kOwns) {
            constexpr auto kKind = IndexTraits<T>::kKind;
            own(static_cast<std::uint32_t>(index), kKind, runs_in_scope(kKind) ? number_ : kNone, *where_);
        }
    }
    void look(const Span& span, std::string_view) {
        auto broken = verify_span(span, line_count_);
        if (ok() && broken) error_ = where_->text() + ": " + *broken;
    }
    template <class T>
    void look(const std::vector<T>& values, std::string_view rule) {
        for (const auto& value : values)
            if (ok()) look(value, rule);
    }
    // With the code that they belong to: verify_chunk.
    void look(const std::vector<Instruction>&, std::string_view) {}
    void look(const std::vector<Span>&, std::string_view) {}
    template <AnyRecord T>
    void look(const T& record, std::string_view) {
        if constexpr (std::is_same_v<T, Scope>) scope_ = &record;
        if constexpr (std::is_same_v<T, Effect>)
            scope_ = has(record.scope) ? &module_.scopes[record.scope] : nullptr;
        for_each_field(record, *this);
    }

    /// Whether the table has such an entry; starts, shells and variables are those of the scope.
    template <AnyIndex T>
    bool has(T index) const {
        using Entry = typename IndexTraits<T>::Entry;
        if constexpr (std::is_same_v<Entry, Start>) return scope_ && index < scope_->starts.size();
        if constexpr (std::is_same_v<Entry, Frame>) return scope_ && index < scope_->frames.size();
        if constexpr (std::is_same_v<Entry, Slot>) return scope_ && index < scope_->slots.size();
#define TABLE(Name, member, word, words) \
    if constexpr (std::is_same_v<Entry, Name>) return index < module_.member.size();
#include "vm/bytecode/module.def"
    }

    // The rules about meaning.

    /// Logs are called as the shell and its effect.
    bool file_name(StringIndex index, const Where& where) {
        return check(module_.strings[index].find_first_of(std::string_view("/\0", 2)) == std::string::npos,
                     where, "the name can't be that of a file");
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

    void paths() {
        for (const auto& path : module_.paths) {
            const auto parsed = value::parse_path(path, value::PathNames::Computed);
            check(std::holds_alternative<value::Path>(parsed), Where("path ", path, true), "it is no path");
        }
    }

    void references() {
        for (const auto& reference : module_.function_refs) {
            const auto& name = module_.strings[reference.name];
            const auto found = function_purity_.find({name, reference.arity});
            const bool known = found != function_purity_.end();
            const bool local = reference.module == kNone;
            check(known || !local, Where("function reference ", name), "no such function in this module");
            impure_functions_.push_back(local && known && !found->second);
        }
        for (const auto& reference : module_.effect_refs) {
            const auto& name = module_.strings[reference.name];
            check(reference.module != kNone || effect_names_.contains(name), Where("effect reference ", name),
                  "no such effect in this module");
        }
        for (const auto& reference : module_.workflow_refs) {
            check(reference.module != kNone || reference.workflow < module_.workflows.size(),
                  "workflow references", "no such workflow in this module");
            check(reference.target != kNone || reference.target_module == kNone, "workflow references",
                  "a target's module without a target");
        }
    }

    /// `index` names a chunk of that kind and scope that nothing else owns. False when a rule is broken.
    bool own(ChunkIndex index, ChunkKind kind, std::uint32_t scope, const Where& where) {
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
            const bool conditional = marker.modifier != MarkerModifier::None;
            check(conditional == (marker.condition != kNone), where,
                  "a marker's condition and modifier don't agree");
            check(!conditional || marker.subject != kNone, where, "a marker's condition without its subject");
        }
    }

    void functions() {
        for (const auto& function : module_.functions) {
            const auto& name = module_.strings[function.name];
            const Where where("function ", name, function.parameters.size());
            const std::pair key{std::string_view(name), function.parameters.size()};
            check(function_purity_.emplace(key, function.pure).second, where, "defined twice");
            auto kind = function.pure ? ChunkKind::PureFunction : ChunkKind::Function;
            if (!own(function.chunk, kind, kNone, where)) return;
            check(module_.chunks[function.chunk].argument_count == function.parameters.size(), where,
                  "its chunk takes another number of arguments");
            contexts_[function.chunk].written = module_.chunks[function.chunk].argument_count;
            markers(function.markers, where);
        }
    }

    /// Every scope belongs to exactly one test or effect.
    void scopes() {
        std::vector<unsigned> owners(module_.scopes.size(), 0);
        for (const auto& effect : module_.effects)
            ++owners[effect.scope];
        for (const auto& test : module_.tests)
            ++owners[test.scope];
        for (std::size_t i = 0; i < owners.size() && ok(); ++i)
            check(owners[i] == 1, Where("scope ", {}, i), "it does not belong to exactly one test or effect");
        for (const auto& scope : module_.scopes) {
            if (!ok()) return;
            const Where where("scope ", module_.strings[scope.name], true);
            check(can_be_ordered(scope.starts), where, "its starts wait for each other");
            frames(scope, where);
            for (const auto& start : scope.starts)
                if (start.overlay != kNone) contexts_[start.overlay].start = &start;
            for (const auto& block : scope.blocks) {
                auto& context = contexts_[block.chunk];
                context.written = context.persistent = scope.frames[block.frame].variable_count;
            }
            markers(scope.markers, where);
        }
    }

    void frames(const Scope& scope, const Where& where) {
        std::set<std::pair<std::uint32_t, std::string_view>> names;
        for (const auto& frame : scope.frames) {
            check(frame.variable_count <= kMaximumRegisters, where, "a shell has too many variables");
            if (!file_name(frame.name, where)) return;
            check(names.emplace(frame.start, module_.strings[frame.name]).second, where,
                  "a shell is listed twice");
        }
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
            for (std::size_t i = 1; i < effect.expects.size(); ++i) {
                check(module_.strings[effect.expects[i - 1]] < module_.strings[effect.expects[i]], where,
                      "its expectations are not in order");
            }
            exposes(effect, scope, where);
        }
    }

    void exposes(const Effect& effect, const Scope& scope, const Where& where) {
        std::set<std::pair<bool, std::string_view>> names;
        for (const auto& expose : effect.exposes) {
            check(names.emplace(expose.variable, module_.strings[expose.name]).second, where,
                  "exposes a name twice");
            if (expose.start == kNone && !expose.variable)
                check(opens_shell(scope, module_.strings[expose.inner_name]), where,
                      "exposes a shell that it has not");
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
            if (!ok() || test.workflow == kNone) continue;
            const auto& scope = module_.scopes[test.scope];
            check(scope.declarations == kNone && scope.starts.empty() && scope.blocks.empty() &&
                      scope.cleanup == kNone,
                  Where("test ", module_.strings[scope.name], true),
                  "it is a workflow and has parts of other tests");
        }
    }

    /// Steps, loops and branches make trees: each is reached from one place at most, so that nothing within a
    /// workflow leads back to itself. Only calls do, and these are counted when they run.
    void workflows() {
        std::vector<bool> steps(module_.steps.size(), false);
        std::vector<bool> loops(module_.loops.size(), false);
        for (std::size_t i = 0; i < module_.chunks.size() && ok(); ++i) {
            if (!is_of_workflow(module_.chunks[i].kind)) continue;
            for (const auto word : module_.chunks[i].code)
                nested(word, chunk(i), steps, loops);
        }
    }

    void nested(Instruction word, const Where& where, std::vector<bool>& steps, std::vector<bool>& loops) {
        // An opcode that is out of range is refused with the chunk's code.
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
        const auto where = chunk(index);
        broken_.chunk = static_cast<std::uint32_t>(index);
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
    const Where* where_ = nullptr;  ///< of the record that is walked over
    std::uint32_t number_ = 0;      ///< of that record in its table
    const Scope* scope_ = nullptr;  ///< whose starts, shells and variables its indexes lead to
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

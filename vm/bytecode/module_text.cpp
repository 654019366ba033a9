#include "vm/bytecode/module_text.h"

#include "vm/base/duration.h"
#include "vm/bytecode/module_fields.h"
#include "vm/bytecode/quoted.h"

namespace relux::bytecode {

namespace {

std::string unknown(std::uint64_t number) {
    return std::to_string(number) + "?";
}

std::string run(const std::string& letter, std::uint32_t first, std::uint32_t count) {
    if (count == 0) return "";
    auto text = letter + std::to_string(first);
    return count == 1 ? text : text + ".." + letter + std::to_string(first + count - 1);
}

}  // namespace

std::string ModuleText::string(StringIndex index) const {
    return index < module_.strings.size() ? module_.strings[index] : unknown(index);
}

std::string ModuleText::entry(Index<String> index) const {
    return index < module_.strings.size() ? quoted_text(module_.strings[index]) : unknown(index);
}

std::string ModuleText::names(const std::vector<StringIndex>& indexes) const {
    std::string text;
    for (auto index : indexes)
        text += (text.empty() ? "" : ", ") + string(index);
    return text;
}

std::string ModuleText::qualified(OptionalIndex<String> module, StringIndex name) const {
    return module == kNone ? string(name) : string(*module) + ":" + string(name);
}

std::string ModuleText::duration(std::uint32_t index) const {
    return index < module_.durations.size() && module_.durations[index] > 0
               ? format_duration(Duration(module_.durations[index]))
               : unknown(index);
}

std::string ModuleText::time(TimeoutKind kind, std::uint32_t index) const {
    if (kind == TimeoutKind::None) return "";
    return (kind == TimeoutKind::Tolerance ? "~" : "@") + duration(index);
}

std::string ModuleText::effect_name(std::uint32_t reference) const {
    if (reference >= module_.effect_refs.size()) return unknown(reference);
    return string(module_.effect_refs[reference].name);
}

std::string ModuleText::start_name(const Scope& scope, std::uint32_t index) const {
    if (index >= scope.starts.size()) return unknown(index);
    const auto& start = scope.starts[index];
    return start.alias != kNone ? string(*start.alias) : effect_name(start.effect);
}

std::string ModuleText::alias_variable(const Scope& scope, std::uint32_t index) const {
    if (index >= scope.alias_variables.size()) return unknown(index);
    const auto& variable = scope.alias_variables[index];
    return start_name(scope, variable.start) + "." + string(variable.name);
}

std::string ModuleText::entry(Index<PatternText> pattern) const {
    return pattern < module_.patterns.size() ? slashed(module_.patterns[pattern]) : unknown(pattern);
}

std::string ModuleText::entry(Index<PathText> path) const {
    return path < module_.paths.size() ? quoted_text(module_.paths[path]) : unknown(path);
}

std::string ModuleText::entry(Index<FunctionRef> reference) const {
    if (reference >= module_.function_refs.size()) return unknown(reference);
    const auto& function = module_.function_refs[reference];
    return qualified(function.module, function.name) + "/" + std::to_string(function.arity);
}

std::string ModuleText::native(const std::vector<NativeRef>& references, std::uint32_t reference) const {
    if (reference >= references.size()) return unknown(reference);
    const auto& native = references[reference];
    return string(native.name) + "/" + std::to_string(native.arity);
}

std::string ModuleText::entry(Index<NativeRef> reference) const {
    return native(module_.native_refs, reference);
}

std::string ModuleText::entry(Index<TemplateFunction> function) const {
    return native(module_.template_functions, function);
}

std::string ModuleText::entry(Index<Step> step) const {
    return step < module_.steps.size() ? entry(module_.steps[step].name) : unknown(step);
}

std::string ModuleText::entry(Index<Loop> loop) const {
    return loop < module_.loops.size() ? string(module_.loops[loop].item) : unknown(loop);
}

template <class Entry>
std::string ModuleText::entry(Index<Entry> index) const {
    return std::string(RecordRow<Entry>::kName) + " " + std::to_string(index);
}

std::string ModuleText::entry(Index<WorkflowRef> reference) const {
    if (reference >= module_.workflow_refs.size()) return unknown(reference);
    const auto& workflow = module_.workflow_refs[reference];
    auto text = workflow.module == kNone ? "workflow " : string(*workflow.module) + ":";
    text += std::to_string(workflow.workflow);
    if (workflow.target != kNone) text += " step " + entry(*workflow.target);
    return text;
}

std::string ModuleText::instruction(const Chunk& chunk, std::size_t index) const {
    const auto word = chunk.code[index];
    if (word.opcode_number() >= static_cast<unsigned>(kOpcodeCount))
        return "opcode " + unknown(word.opcode_number());
    const auto& info = opcode_info(word.opcode());
    const bool wide = info.format == Format::ABx;
    std::string operands;
    auto add = [&](OperandKind kind, std::uint32_t value) {
        const auto text = operand(kind, value, chunk, word);
        if (!text.empty()) operands += (operands.empty() ? "" : ", ") + text;
    };
    if (info.d == OperandKind::Comparison)
        operands = word.d() < kComparisonCount ? std::string(comparison_name(word.d())) : unknown(word.d());
    add(info.a, word.a());
    add(info.b, wide ? word.bx() : word.b());
    if (!wide) add(info.c, word.c());
    std::string text(info.name);
    if (!operands.empty()) text.append(text.size() < 16 ? 16 - text.size() : 1, ' ');
    return text + operands;
}

/// Empty when there is nothing to show.
std::string ModuleText::operand(OperandKind kind, std::uint32_t value, const Chunk& chunk,
                                Instruction word) const {
    static const Scope kNoScope;
    const auto& scope = chunk.scope < module_.scopes.size() ? module_.scopes[chunk.scope] : kNoScope;
    using Kind = OperandKind;
    const auto& info = operand_kind_info(kind);
    if (info.access != Access::None) {
        const char* const file = info.file == RegisterFile::Values ? "r" : "d";
        return info.access == Access::ReadRun ? run(file, value, word.c()) : file + std::to_string(value);
    }
    if (kind == Kind::Count) {
        const auto second = opcode_info(word.opcode()).b;
        if (operand_kind_info(second).access == Access::ReadRun) return "";
        return run(second == Kind::TemplateFunction ? "d" : "r", word.a() + 1, value);
    }
    if (kind == Kind::KDuration) return time(static_cast<TimeoutKind>(word.d()), value);
    if (kind == Kind::Slot) return value < scope.slots.size() ? string(scope.slots[value]) : unknown(value);
    if (kind == Kind::AliasVariable) return alias_variable(scope, value);
    if (kind == Kind::CaptureNumber) return "$" + std::to_string(value);
    // The last two are shown before the others.
    if (kind == Kind::None || kind == Kind::TimeKind || kind == Kind::Comparison) return "";
    switch (kind) {
#define ENTRY(name, Entry, ...) \
    case OperandKind::name:     \
        return entry(Index<Entry>(value));
#define REGISTER(name, ...) \
    case OperandKind::name: \
        break;
#define NUMBER(name, ...)   \
    case OperandKind::name: \
        break;
#include "vm/bytecode/operand_kinds.def"
    }
    return std::to_string(value);
}

}  // namespace relux::bytecode

#include "vm/bytecode/module_text.h"

#include "vm/base/assert.h"
#include "vm/base/duration.h"
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

std::string ModuleText::quoted_string(StringIndex index) const {
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

std::string ModuleText::function(std::uint32_t reference) const {
    if (reference >= module_.function_refs.size()) return unknown(reference);
    const auto& function = module_.function_refs[reference];
    return qualified(function.module, function.name) + "/" + std::to_string(function.arity);
}

std::string ModuleText::native(const std::vector<NativeRef>& references, std::uint32_t reference) const {
    if (reference >= references.size()) return unknown(reference);
    const auto& native = references[reference];
    return string(native.name) + "/" + std::to_string(native.arity);
}

std::string ModuleText::workflow(std::uint32_t reference) const {
    if (reference >= module_.workflow_refs.size()) return unknown(reference);
    const auto& workflow = module_.workflow_refs[reference];
    auto text = workflow.module == kNone ? "workflow " : string(*workflow.module) + ":";
    text += std::to_string(workflow.workflow);
    if (workflow.target != kNone) text += " step " + quoted_string(*workflow.target);
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
    if (!operands.empty() && text.size() < 16) text.append(16 - text.size(), ' ');
    return text + operands;
}

/// Empty when there is nothing to show.
std::string ModuleText::operand(OperandKind kind, std::uint32_t value, const Chunk& chunk,
                                Instruction word) const {
    static const Scope kNoScope;
    const auto& scope = chunk.scope < module_.scopes.size() ? module_.scopes[chunk.scope] : kNoScope;
    switch (kind) {
        case OperandKind::None:
        case OperandKind::TimeKind:
            return "";
        case OperandKind::Dst:
        case OperandKind::Src:
        case OperandKind::DstSrc:
            return "r" + std::to_string(value);
        case OperandKind::SrcBase:
            return run("r", value, word.c());
        case OperandKind::Count: {
            const auto second = opcode_info(word.opcode()).b;
            if (second == OperandKind::SrcBase || second == OperandKind::DocumentSrcBase) return "";
            return run(second == OperandKind::TemplateFunction ? "d" : "r", word.a() + 1, value);
        }
        case OperandKind::KString:
            return quoted_string(value);
        case OperandKind::KPattern:
            return value < module_.patterns.size() ? slashed(module_.patterns[value]) : unknown(value);
        case OperandKind::KDuration:
            return time(static_cast<TimeoutKind>(word.d()), value);
        case OperandKind::Slot:
            return value < scope.slots.size() ? string(scope.slots[value]) : unknown(value);
        case OperandKind::AliasVariable:
            return alias_variable(scope, value);
        case OperandKind::FunctionRef:
            return function(value);
        case OperandKind::NativeRef:
            return native(module_.native_refs, value);
        case OperandKind::CaptureNumber:
            return "$" + std::to_string(value);
        case OperandKind::Comparison:
            return "";
        case OperandKind::DocumentDst:
        case OperandKind::DocumentSrc:
        case OperandKind::DocumentDstSrc:
            return "d" + std::to_string(value);
        case OperandKind::DocumentSrcBase:
            return run("d", value, word.c());
        case OperandKind::TemplateFunction:
            return native(module_.template_functions, value);
        case OperandKind::StepRef:
            return value < module_.steps.size() ? quoted_string(module_.steps[value].name) : unknown(value);
        case OperandKind::LoopRef:
            return value < module_.loops.size() ? string(module_.loops[value].item) : unknown(value);
        case OperandKind::WorkflowRef:
            return workflow(value);
        case OperandKind::ChunkRef:
            return "chunk " + std::to_string(value);
    }
    RELUX_UNREACHABLE("operand kind out of range");
}

}  // namespace relux::bytecode

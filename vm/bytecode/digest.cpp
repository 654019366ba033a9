#include "vm/bytecode/digest.h"

#include <algorithm>

#include <xxhash.h>

#include "vm/base/bytes.h"

namespace relux::bytecode {

namespace {

class Digester {
  public:
    explicit Digester(const Module& module) : module_(module) {}

    void number(std::uint64_t value) { writer_.u64(value); }
    void string(StringIndex index) {
        writer_.u8(index == kNone ? 0 : 1);
        if (index != kNone) writer_.string(module_.strings[index]);
    }
    void chunk(ChunkIndex index) {
        writer_.u8(index == kNone ? 0 : 1);
        if (index == kNone) return;
        const auto& chunk = module_.chunks[index];
        number(static_cast<std::uint64_t>(chunk.kind));
        number(chunk.register_count);
        number(chunk.argument_count);
        number(chunk.document_count);
        number(chunk.code.size());
        const auto* scope = chunk.scope == kNone ? nullptr : &module_.scopes[chunk.scope];
        for (const auto& instruction : chunk.code)
            this->instruction(instruction, scope);
    }
    void workflow(const Workflow& workflow) {
        string(workflow.name);
        chunk(workflow.setup);
        chunk(workflow.steps);
        // A list, because steps may nest deeper than the stack.
        while (!pending_.empty()) {
            const auto next = pending_.back();
            pending_.pop_back();
            chunk(next);
        }
    }
    void markers(const std::vector<Marker>& markers) {
        number(markers.size());
        for (const auto& marker : markers) {
            number(static_cast<std::uint64_t>(marker.kind));
            number(static_cast<std::uint64_t>(marker.modifier));
            chunk(marker.condition);
        }
    }
    void scope(const Scope& scope) {
        string(scope.name);
        number(scope.slots.size());
        for (auto slot : scope.slots)
            string(slot);
        chunk(scope.declarations);
        number(scope.starts.size());
        for (const auto& start : scope.starts)
            this->start(start);
        number(scope.alias_variables.size());
        for (const auto& variable : scope.alias_variables) {
            number(variable.start);
            string(variable.name);
        }
        number(scope.frames.size());
        for (const auto& frame : scope.frames) {
            number(frame.start);
            string(frame.name);
            number(frame.variable_count);
        }
        number(scope.blocks.size());
        for (const auto& block : scope.blocks) {
            number(block.frame);
            chunk(block.chunk);
        }
        chunk(scope.cleanup);
        markers(scope.markers);
    }
    CodeDigest take() {
        digest_.value = XXH3_64bits(writer_.bytes().data(), writer_.bytes().size());
        return std::move(digest_);
    }

  private:
    static void add(std::vector<std::uint32_t>& references, std::uint32_t reference) {
        if (std::find(references.begin(), references.end(), reference) == references.end())
            references.push_back(reference);
    }

    void start(const Start& start) {
        const auto& effect = module_.effect_refs[start.effect];
        string(effect.module);
        string(effect.name);
        add(digest_.effect_refs, start.effect);
        string(start.alias);
        chunk(start.overlay);
        number(start.waits_for.size());
        for (auto other : start.waits_for)
            number(other);
    }

    void instruction(const Instruction& instruction, const Scope* scope) {
        const auto& info = opcode_info(instruction.opcode());
        writer_.u8(static_cast<std::uint8_t>(instruction.opcode()));
        // A time-out of kind None has no duration: its index means nothing.
        const bool timed =
            info.d == OperandKind::None || static_cast<TimeoutKind>(instruction.d()) != TimeoutKind::None;
        operand(info.d, instruction.d(), scope, timed);
        operand(info.a, instruction.a(), scope, timed);
        const bool wide = info.format == Format::ABx;
        operand(info.b, wide ? instruction.bx() : instruction.b(), scope, timed);
        if (!wide) operand(info.c, instruction.c(), scope, timed);
    }

    void operand(OperandKind kind, std::uint32_t value, const Scope* scope, bool timed) {
        switch (kind) {
            case OperandKind::None:
                return;
            case OperandKind::KString:
                return string(value);
            case OperandKind::KPattern:
                return writer_.string(module_.patterns[value]);
            case OperandKind::KDuration:
                if (timed) number(static_cast<std::uint64_t>(module_.durations[value]));
                return;
            case OperandKind::Slot:
                return scope != nullptr ? string(scope->slots[value]) : number(value);
            case OperandKind::AliasVariable:
                return scope != nullptr ? string(scope->alias_variables[value].name) : number(value);
            case OperandKind::FunctionRef: {
                const auto& function = module_.function_refs[value];
                string(function.module);
                string(function.name);
                add(digest_.function_refs, value);
                return number(function.arity);
            }
            case OperandKind::NativeRef:
                string(module_.native_refs[value].name);
                return number(module_.native_refs[value].arity);
            case OperandKind::TemplateFunction:
                string(module_.template_functions[value].name);
                return number(module_.template_functions[value].arity);
            case OperandKind::StepRef: {
                const auto& step = module_.steps[value];
                string(step.name);
                string(step.type);
                number(step.ignore_error ? 1 : 0);
                return pending_.push_back(step.chunk);
            }
            case OperandKind::LoopRef:
                string(module_.loops[value].item);
                return pending_.push_back(module_.loops[value].chunk);
            case OperandKind::ChunkRef:
                return pending_.push_back(value);
            case OperandKind::WorkflowRef: {
                const auto& workflow = module_.workflow_refs[value];
                string(workflow.module);
                number(workflow.workflow);
                string(workflow.target_module);
                string(workflow.target);
                return add(digest_.workflow_refs, value);
            }
            case OperandKind::DocumentDst:
            case OperandKind::DocumentSrc:
            case OperandKind::DocumentDstSrc:
            case OperandKind::DocumentSrcBase:
            case OperandKind::Comparison:
            case OperandKind::Dst:
            case OperandKind::Src:
            case OperandKind::DstSrc:
            case OperandKind::SrcBase:
            case OperandKind::Count:
            case OperandKind::CaptureNumber:
            case OperandKind::TimeKind:
                return number(value);
        }
    }

    const Module& module_;
    ByteWriter writer_;
    std::vector<ChunkIndex> pending_;  ///< of steps, branches and loops that are still to be digested
    CodeDigest digest_;
};

}  // namespace

CodeDigest digest_of(const Module& module, const Function& function) {
    Digester digester(module);
    digester.string(function.name);
    digester.number(function.parameters.size());
    for (auto parameter : function.parameters)
        digester.string(parameter);
    digester.chunk(function.chunk);
    digester.markers(function.markers);
    return digester.take();
}

CodeDigest digest_of(const Module& module, const Effect& effect) {
    Digester digester(module);
    digester.scope(module.scopes[effect.scope]);
    digester.number(effect.expects.size());
    for (auto name : effect.expects)
        digester.string(name);
    digester.number(effect.exposes.size());
    for (const auto& expose : effect.exposes) {
        digester.number(expose.variable ? 1 : 0);
        digester.string(expose.name);
        digester.number(expose.start);
        digester.string(expose.inner_name);
        digester.number(expose.slot);
    }
    return digester.take();
}

CodeDigest digest_of(const Module& module, const Test& test) {
    Digester digester(module);
    digester.scope(module.scopes[test.scope]);
    digester.number(static_cast<std::uint64_t>(test.timeout_kind));
    if (test.timeout_kind != TimeoutKind::None)
        digester.number(static_cast<std::uint64_t>(module.durations[test.timeout]));
    if (test.workflow != kNone) digester.workflow(module.workflows[test.workflow]);
    return digester.take();
}

CodeDigest digest_of(const Module& module, const Workflow& workflow) {
    Digester digester(module);
    digester.workflow(workflow);
    return digester.take();
}

}  // namespace relux::bytecode

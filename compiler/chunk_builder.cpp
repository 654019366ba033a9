// Statements and expressions, one function per kind. Knows nothing of pools or real registers.
#include "compiler/chunk_builder.h"

#include <utility>

#include "vm/base/assert.h"

namespace relux::compiler {

using bytecode::ChunkKind;
using frontend::Binding;
using frontend::PatternKind;
using frontend::SourceRange;
using frontend::TextPart;
using ir::kNoRegister;
using ir::Register;

namespace {

void set_time(ir::Instruction& instruction, const frontend::TimeoutSyntax& timeout) {
    instruction.timeout = timeout.value;
}

void set_time(ir::Instruction& instruction, const std::optional<frontend::TimeoutSyntax>& timeout) {
    if (timeout) set_time(instruction, *timeout);
}

}  // namespace

ChunkBuilder::ChunkBuilder(const frontend::LoadedModule& module, GrowingList<ir::Instruction>& code,
                           Arena& memory, ChunkKind kind, std::uint32_t scope,
                           List<std::string_view> variables, SourceRange range)
    : module_(module), code_(code), memory_(memory) {
    code_.clear();
    chunk_.kind = kind;
    chunk_.scope = scope;
    chunk_.register_count = static_cast<Register>(variables.size());
    chunk_.variables = variables;
    chunk_.range = range;
}

ir::Instruction& ChunkBuilder::emit(Opcode opcode, SourceRange range) {
    ir::Instruction& instruction = code_.push_back({});
    instruction.opcode = opcode;
    instruction.range = range;
    return instruction;
}

const Binding& ChunkBuilder::binding(const void* node) const {
    const Binding* const bound = module_.bindings.find(node);
    RELUX_ASSERT(bound != nullptr, "a name that was not resolved");
    return *bound;
}

Register ChunkBuilder::constant(std::string_view text, SourceRange range, Register target) {
    const Register result = target == kNoRegister ? fresh() : target;
    ir::Instruction& load = emit(Opcode::LoadK, range);
    load.a = result;
    load.text = text;
    return result;
}

// Expressions

Register ChunkBuilder::expression(const frontend::Expression& expression) {
    return expression_into(expression, kNoRegister);
}

Register ChunkBuilder::expression_into(const frontend::Expression& expression, Register target) {
    const SourceRange range = expression.range;
    if (const auto* string = std::get_if<frontend::StringExpression>(&expression.node)) {
        const Register result = text_into(string->text, target);
        if (const auto fixed = string->text.constant()) {
            emit(Opcode::NoteString, string->text.range).text = *fixed;
        }
        return result;
    }
    if (const auto* number = std::get_if<frontend::NumberExpression>(&expression.node)) {
        return constant(number->digits, range, target);
    }
    if (const auto* capture = std::get_if<frontend::CaptureExpression>(&expression.node)) {
        const Register result = target == kNoRegister ? fresh() : target;
        ir::Instruction& get = emit(Opcode::CaptureGet, range);
        get.a = result;
        get.index = capture->number;
        return result;
    }
    if (const auto* variable = std::get_if<frontend::VariableExpression>(&expression.node)) {
        const Binding& bound = binding(variable);
        if (bound.kind == Binding::Kind::Local) note_local_read(bound.index, variable->name.text, range);
        return read(bound, variable->name.text, range, target);
    }
    if (const auto* member = std::get_if<frontend::MemberExpression>(&expression.node)) {
        return read(binding(member), member->member.text, range, target);
    }
    const auto* called = std::get_if<frontend::CallExpression>(&expression.node);
    RELUX_ASSERT(called != nullptr, "an expression of unknown kind");
    const Register result = call(*called, range);
    if (target == kNoRegister) return result;
    ir::Instruction& move = emit(Opcode::Move, range);
    move.a = target;
    move.b = result;
    return target;
}

/// Within shells what a variable is can be seen from where it was set, and within a text from what it was.
void ChunkBuilder::note_local_read(Register variable, std::string_view name, SourceRange range) {
    if (!bytecode::is_pure(chunk_.kind)) return;
    ir::Instruction& note = emit(Opcode::NoteRead, range);
    note.a = variable;
    note.text = name;
}

Register ChunkBuilder::read(const Binding& bound, std::string_view name, SourceRange range, Register target) {
    if (bound.kind == Binding::Kind::Local && target == kNoRegister) return bound.index;
    const Register result = target == kNoRegister ? fresh() : target;
    switch (bound.kind) {
        case Binding::Kind::Local: {
            ir::Instruction& move = emit(Opcode::Move, range);
            move.a = result;
            move.b = bound.index;
            return result;
        }
        case Binding::Kind::Slot: {
            ir::Instruction& get = emit(Opcode::ScopeGet, range);
            get.a = result;
            get.index = bound.index;
            return result;
        }
        case Binding::Kind::Environment:
        case Binding::Kind::BaseEnvironment: {
            const bool base = bound.kind == Binding::Kind::BaseEnvironment;
            ir::Instruction& get = emit(base ? Opcode::EnvBase : Opcode::EnvGet, range);
            get.a = result;
            get.text = name;
            return result;
        }
        case Binding::Kind::AliasVariable: {
            ir::Instruction& get = emit(Opcode::AliasGet, range);
            get.a = result;
            get.index = bound.index;
            return result;
        }
        case Binding::Kind::Undefined:
            break;
    }
    RELUX_UNREACHABLE("a module with an undefined name is not lowered");
}

Register ChunkBuilder::call(const frontend::CallExpression& call, SourceRange range) {
    const frontend::CallTarget* const target = module_.calls.find(&call);
    RELUX_ASSERT(target != nullptr, "a call that was not resolved");
    const Register result = fresh();
    GrowingList<Register> arguments(memory_);
    arguments.reserve(call.arguments.size());
    for (const frontend::Expression& argument : call.arguments) {
        // A call's value is in a register of its own already; a variable must be copied into the run.
        const bool nested = std::holds_alternative<frontend::CallExpression>(argument.node);
        arguments.push_back(expression_into(argument, nested ? kNoRegister : fresh()));
    }
    ir::Instruction& instruction =
        emit(target->builtin != nullptr ? Opcode::CallNative : Opcode::Call, range);
    instruction.a = result;
    instruction.arguments = arguments.list();
    instruction.target = target;
    return result;
}

Register ChunkBuilder::text_into(const frontend::Text& text, Register target) {
    if (auto fixed = text.constant()) return constant(*fixed, text.range, target);
    GrowingList<Register> parts(memory_);
    parts.reserve(text.parts.size());
    for (const TextPart& piece : text.parts)
        parts.push_back(part(piece));
    const Register result = target == kNoRegister ? fresh() : target;
    ir::Instruction& concat = emit(Opcode::Concat, text.range);
    concat.a = result;
    concat.arguments = parts.list();
    return result;
}

Register ChunkBuilder::part(const TextPart& part) {
    switch (part.kind) {
        case TextPart::Kind::Literal:
            return constant(part.text, part.range, kNoRegister);
        case TextPart::Kind::Variable:
            return read(binding(&part), part.text, part.range, fresh());
        case TextPart::Kind::AliasVariable:
            return read(binding(&part), part.member, part.range, fresh());
        case TextPart::Kind::Capture: {
            ir::Instruction& get = emit(Opcode::CaptureGet, part.range);
            get.a = fresh();
            get.index = part.capture;
            return get.a;
        }
    }
    RELUX_UNREACHABLE("a text part of unknown kind");
}

// Statements

void ChunkBuilder::statements(const frontend::Body& body) {
    for (const frontend::Statement& each : body)
        statement(each);
}

Register ChunkBuilder::statement(const frontend::Statement& statement) {
    return std::visit([&](const auto& node) { return lower(node, statement.range); }, statement.node);
}

Register ChunkBuilder::lower(const frontend::Let& let, SourceRange range) {
    return bind(&let, let.name.text, let.value ? &*let.value : nullptr, Opcode::NoteLet, range);
}

Register ChunkBuilder::lower(const frontend::Assign& assign, SourceRange range) {
    return bind(&assign, assign.name.text, &assign.value, Opcode::NoteAssign, range);
}

Register ChunkBuilder::lower(const frontend::ExpressionStatement& statement, SourceRange) {
    return expression(statement.expression);
}

Register ChunkBuilder::lower(const frontend::TimeoutStatement& statement, SourceRange range) {
    set_time(emit(Opcode::SetTimeout, range), statement.timeout);
    return kNoRegister;
}

Register ChunkBuilder::value_into(const frontend::BindingValue& value, SourceRange range, Register target) {
    if (const auto* expression = std::get_if<frontend::Expression>(&value))
        return expression_into(*expression, target);
    if (const auto* matched = std::get_if<frontend::Match>(&value)) return match(*matched, range, target);
    const auto* sent = std::get_if<frontend::Send>(&value);
    RELUX_ASSERT(sent != nullptr, "a value of unknown kind");
    return lower(*sent, range);
}

Register ChunkBuilder::bind(const void* node, std::string_view name, const frontend::BindingValue* value,
                            Opcode note, SourceRange range) {
    const Binding bound = binding(node);
    const bool local = bound.kind == Binding::Kind::Local;
    const Register wanted = local ? bound.index : kNoRegister;
    Register result = value != nullptr ? value_into(*value, range, wanted) : constant({}, range, wanted);
    if (result == kNoRegister) result = constant({}, range, wanted);
    if (local && result != wanted) {
        ir::Instruction& move = emit(Opcode::Move, range);
        move.a = wanted;
        move.b = result;
        result = wanted;
    }
    if (!local) {
        RELUX_ASSERT(bound.kind == Binding::Kind::Slot, "a variable that is neither local nor of the scope");
        ir::Instruction& set = emit(Opcode::ScopeSet, range);
        set.a = result;
        set.index = bound.index;
    }
    ir::Instruction& noted = emit(note, range);
    noted.a = result;
    noted.text = name;
    return result;
}

Register ChunkBuilder::lower(const frontend::Send& send, SourceRange range) {
    const Register text = text_into(send.text, kNoRegister);
    emit(send.raw ? Opcode::SendRaw : Opcode::Send, range).a = text;
    return text;
}

Register ChunkBuilder::lower(const frontend::Match& match, SourceRange range) {
    return this->match(match, range, kNoRegister);
}

Register ChunkBuilder::match(const frontend::Match& match, SourceRange range, Register target) {
    if (!match.pattern) {
        emit(Opcode::ResetBuffer, range);
        return kNoRegister;
    }
    if (auto fixed = match.pattern->constant(); fixed && match.kind == PatternKind::Regex) {
        const Register result = target == kNoRegister ? fresh() : target;
        ir::Instruction& instruction = emit(Opcode::MatchRe, range);
        instruction.a = result;
        instruction.text = *fixed;
        set_time(instruction, match.timeout);
        return result;
    }
    // Not straight into the variable: a match that fails must leave it as it was, also for the report.
    const Register text = text_into(*match.pattern, kNoRegister);
    ir::Instruction& instruction =
        emit(match.kind == PatternKind::Regex ? Opcode::MatchReText : Opcode::MatchLit, range);
    instruction.a = text;
    set_time(instruction, match.timeout);
    return text;
}

Register ChunkBuilder::lower(const frontend::MultiMatch& multi, SourceRange range) {
    for (const frontend::MultiMatchEntry& entry : multi.entries) {
        auto fixed = entry.pattern.constant();
        if (fixed && entry.kind == PatternKind::Regex) {
            emit(Opcode::MultiRe, entry.range).text = *fixed;
            continue;
        }
        const Register text = text_into(entry.pattern, kNoRegister);
        emit(entry.kind == PatternKind::Regex ? Opcode::MultiReText : Opcode::MultiLit, entry.range).a = text;
    }
    set_time(emit(Opcode::MultiWait, range), multi.timeout);
    return kNoRegister;
}

Register ChunkBuilder::lower(const frontend::FailPattern& fail, SourceRange range) {
    if (!fail.pattern) {
        emit(Opcode::FailClear, range);
        return kNoRegister;
    }
    auto fixed = fail.pattern->constant();
    if (fixed && fail.kind == PatternKind::Regex) {
        emit(Opcode::FailRe, range).text = *fixed;
        return kNoRegister;
    }
    const Register text = text_into(*fail.pattern, kNoRegister);
    emit(fail.kind == PatternKind::Regex ? Opcode::FailReText : Opcode::FailLit, range).a = text;
    return fail.kind == PatternKind::Literal ? text : kNoRegister;
}

Register ChunkBuilder::lower(const frontend::Assertion& assertion, SourceRange range) {
    const Register value = expression(assertion.value);
    auto fixed = assertion.pattern.constant();
    if (fixed && assertion.kind == PatternKind::Regex) {
        ir::Instruction& instruction = emit(Opcode::AssertRe, range);
        instruction.a = value;
        instruction.text = *fixed;
        return kNoRegister;
    }
    const Register expected = text_into(assertion.pattern, kNoRegister);
    ir::Instruction& instruction =
        emit(assertion.kind == PatternKind::Regex ? Opcode::AssertReText : Opcode::AssertEq, range);
    instruction.a = value;
    instruction.b = expected;
    return kNoRegister;
}

// Overlays, markers, ends

void ChunkBuilder::overlay(const frontend::StartSyntax& start) {
    for (const frontend::OverlayEntry& entry : start.overlay) {
        const Register value = entry.value
                                   ? expression(*entry.value)
                                   : read(binding(&entry), entry.key.text, entry.key.range, kNoRegister);
        ir::Instruction& set = emit(Opcode::OverlaySet, entry.key.range);
        set.a = value;
        set.text = entry.key.text;
    }
}

void ChunkBuilder::slot_from_environment(std::uint32_t slot, std::string_view name) {
    const Register value = read({Binding::Kind::Environment, 0}, name, chunk_.range, kNoRegister);
    ir::Instruction& set = emit(Opcode::ScopeSet, chunk_.range);
    set.a = value;
    set.index = slot;
}

void ChunkBuilder::condition(const frontend::MarkerSyntax& marker) {
    using Comparison = frontend::MarkerSyntax::Comparison;
    RELUX_ASSERT(marker.left.has_value(), "a marker's condition has a left side");
    const Register left = expression(*marker.left);
    Opcode opcode = Opcode::DecideTrue;
    Register right = kNoRegister;
    std::string_view pattern;
    switch (marker.comparison) {
        case Comparison::Truth:
            break;
        case Comparison::Equal:
            opcode = Opcode::DecideEq;
            right = expression(*marker.right);
            break;
        case Comparison::Regex:
            opcode = Opcode::DecideRe;
            if (auto fixed = marker.pattern->constant()) {
                pattern = *fixed;
            } else {
                opcode = Opcode::DecideReText;
                right = text_into(*marker.pattern, kNoRegister);
            }
            break;
    }
    // A pattern that is malformed is shown there.
    ir::Instruction& decide = emit(opcode, marker.pattern ? marker.pattern->range : marker.range);
    decide.a = left;
    decide.b = right;
    decide.text = pattern;
}

void ChunkBuilder::end_with(Register value) {
    // The end of a cleanup says where the block is, for what is not in a statement of it.
    const bool is_block = code_.empty() || chunk_.kind == bytecode::ChunkKind::Cleanup;
    const SourceRange range = is_block ? chunk_.range : code_.back().range;
    if (value == kNoRegister) value = constant({}, range, kNoRegister);
    emit(Opcode::Return, range).a = value;
}

}  // namespace relux::compiler

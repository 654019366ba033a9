// The loop over instructions and its switch. What runs often (constants, moves, joins, variables, pure calls)
// never leaves it and allocates only for the result; everything else is a handler of its own
// (execution_*.cpp). Code has passed the verifier: no index is checked again here.
#include "vm/exec/interp.h"

#include "vm/base/assert.h"
#include "vm/exec/execution.h"

namespace relux::exec {

Exit Interpreter::run(Fiber& fiber) {
    return Execution(host_, fiber, maximum_work_).run();
}

Exit Execution::run() {
    RELUX_ASSERT(!fiber_.frames_.empty(), "the fiber has entered a chunk");
    RELUX_ASSERT(fiber_.pending_ != Fiber::Pending::Answer, "the last exit has been answered");
    RELUX_ASSERT(fiber_.pending_ != Fiber::Pending::Failed, "a failed chunk does not go on");
    load_frame();
    if (fiber_.pending_ == Fiber::Pending::Advance) ++pc_;
    fiber_.pending_ = Fiber::Pending::Nothing;
    while (step(chunk_->code[pc_])) {
    }
    return std::move(exit_);
}

void Execution::load_frame() {
    const auto& frame = fiber_.frames_.back();
    registers_ = fiber_.registers(frame);
    module_ = frame.module;
    chunk_ = frame.chunk;
    pc_ = frame.pc;
}

// One line per opcode: longer than the rule allows because the set is.
bool Execution::step(Word word) {
    using enum bytecode::Opcode;
    switch (word.opcode()) {
        case LoadK:
            r(word.a()) = constant(word.bx());
            break;
        case Move:
            r(word.a()) = r(word.b());
            break;
        case Concat:
            return concat(word);
        case ScopeGet:
            r(word.a()) = fiber_.scope_->slots[word.bx()];
            if (bytecode::is_pure(chunk_->kind))
                note_read(module_->string(module_->code.scopes[chunk_->scope].slots[word.bx()]), r(word.a()));
            break;
        case ScopeSet:
            fiber_.scope_->slots[word.bx()] = r(word.a());
            break;
        case EnvGet:
            r(word.a()) = fiber_.scope_->environment(constant(word.bx()).view());
            note_read(constant(word.bx()).view(), r(word.a()));
            break;
        case EnvBase:
            r(word.a()) = Value(host_.base_environment(constant(word.bx()).view()).value_or(""));
            note_read(constant(word.bx()).view(), r(word.a()));
            break;
        case CaptureGet: {
            const auto& captures = fiber_.frames_.back().captures;
            r(word.a()) = word.bx() < captures.size() ? captures[word.bx()] : Value();
            if (bytecode::is_pure(chunk_->kind)) note_read(std::to_string(word.bx()), r(word.a()));
            break;
        }
        case AliasGet: {
            const auto& variable = module_->code.scopes[chunk_->scope].alias_variables[word.bx()];
            r(word.a()) = fiber_.scope_->alias_variable(variable);
            if (bytecode::is_pure(chunk_->kind)) note_read(module_->string(variable.name), r(word.a()));
            break;
        }
        case NoteLet:
            return note_variable(word, Note::Kind::Let);
        case NoteAssign:
            return note_variable(word, Note::Kind::Assign);
        case Call:
            return call(word);
        case CallNative:
            return call_native(word);
        case NoteRead:
            return note_variable(word, Note::Kind::Read);
        case NoteString:
        case NoteText:
        case NoteCall:
        case NoteNative:
        case NoteReturn:
            return note_evaluated(word);
        case Return:
            return return_value(word);
        case OverlaySet:
            fiber_.overlay.emplace_back(constant(word.bx()).view(), r(word.a()));
            break;
        case Send:
        case SendRaw:
        case MatchRe:
        case MatchReText:
        case MatchLit:
        case ResetBuffer:
        case SetTimeout:
        case FailRe:
        case FailReText:
        case FailLit:
        case FailClear:
        case MultiRe:
        case MultiReText:
        case MultiLit:
        case MultiWait:
            return step_shell(word);
        case AssertRe:
        case AssertReText:
        case AssertEq:
        case DecideTrue:
        case DecideEq:
        case DecideRe:
        case DecideReText:
            return step_assertion(word);
        case Document:
        case Text:
        case Variable:
        case Variables:
        case Apply:
        case Join:
        case Append:
        case Member:
        case Find:
        case FindVariable:
        case Compare:
        case Configure:
        case Connect:
        case Title:
        case Extract:
        case Check:
        case CheckValue:
        case Validate:
        case Cleanup:
        case Step:
        case BranchTrue:
        case BranchFalse:
        case ForEach:
        case CallWorkflow:
        case Include:
        case HttpRequest:
        case RunCommands:
        case Query:
        case Print:
        case Done:
            return step_workflow(word);
    }
    ++pc_;
    return true;
}

bool Execution::concat(Word word) {
    auto parts = run_of(word.b(), word.c());
    std::size_t size = 0;
    for (const auto& part : parts)
        size += part.view().size();
    if (size > Value::kMaximumSize) return fail(Exit::FailureKind::Runtime, "a value longer than 256 MiB");
    if (!afford(size)) return false;
    // Into the place of a part, it may be.
    auto joined = Value::concat(parts);
    note(Note::Kind::Interpolation, {}, {}, parts);
    r(word.a()) = std::move(joined);
    ++pc_;
    return true;
}

bool Execution::note_variable(Word word, Note::Kind kind) {
    auto value = r(word.a()).view();
    if (!afford(value.size())) return false;
    note(kind, constant(word.bx()).view(), value);
    ++pc_;
    return true;
}

bool Execution::afford(std::uint64_t work) {
    if (work <= work_left_) {
        work_left_ -= work;
        return true;
    }
    return fail(Exit::FailureKind::Runtime, "more work than can be done without a wait");
}

void Execution::note(Note::Kind kind, std::string_view name, std::string_view value,
                     std::span<const Value> arguments) {
    note(Note{kind, *module_, chunk_->spans[pc_], name, value, arguments});
}

void Execution::note_read(std::string_view name, const Value& value) {
    note(Note::Kind::Read, name, value.view());
}

void Execution::note(Note note) {
    const bool later = took_time_ || noted_work_ - work_left_ > kWorkOfMoment;
    if (later) {
        took_time_ = false;
        noted_work_ = work_left_;
    }
    note.later = later;
    host_.note(note);
}

bool Execution::leave(Exit::Kind kind) {
    exit_.kind = kind;
    fiber_.frames_.back().pc = pc_;
    fiber_.pending_ = Fiber::Pending::Answer;
    return false;
}

bool Execution::fail(Exit::FailureKind kind, std::string message) {
    exit_.kind = Exit::Kind::Failed;
    exit_.failure_kind = kind;
    exit_.failure = std::move(message);
    fiber_.frames_.back().pc = pc_;
    fiber_.pending_ = Fiber::Pending::Failed;
    return false;
}

}  // namespace relux::exec

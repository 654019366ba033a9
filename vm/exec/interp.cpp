// The loop over instructions, and those that run often: constants, moves, joins, variables, events. They
// never leave it and allocate only for the result; the others are in execution_*.cpp. Code has passed the
// verifier: no index is checked again here.
#include "vm/exec/interp.h"

#include <utility>

#include "vm/base/assert.h"
#include "vm/exec/execution.h"

namespace relux::exec {

using bytecode::Opcode;

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

template <>
bool Execution::execute<Opcode::LoadK>(Word word) {
    r(word.a()) = constant(word.bx());
    return advance();
}

template <>
bool Execution::execute<Opcode::Move>(Word word) {
    r(word.a()) = r(word.b());
    return advance();
}

template <>
bool Execution::execute<Opcode::Concat>(Word word) {
    auto parts = run_of(word.b(), word.c());
    std::size_t size = 0;
    for (const auto& part : parts)
        size += part.view().size();
    if (size > Value::kMaximumSize) return fail("a value longer than 256 MiB");
    if (!afford(size)) return false;
    // Into the place of a part, it may be.
    auto joined = Value::concat(parts);
    note(Note::Kind::Interpolation, {}, {}, parts);
    r(word.a()) = std::move(joined);
    return advance();
}

template <>
bool Execution::execute<Opcode::ScopeGet>(Word word) {
    r(word.a()) = fiber_.scope_->slots[word.bx()];
    if (bytecode::is_pure(chunk_->kind))
        note_read(module_->string(module_->code.scopes[chunk_->scope].slots[word.bx()]), r(word.a()));
    return advance();
}

template <>
bool Execution::execute<Opcode::ScopeSet>(Word word) {
    fiber_.scope_->slots[word.bx()] = r(word.a());
    return advance();
}

template <>
bool Execution::execute<Opcode::EnvGet>(Word word) {
    r(word.a()) = fiber_.scope_->environment(constant(word.bx()).view());
    note_read(constant(word.bx()).view(), r(word.a()));
    return advance();
}

template <>
bool Execution::execute<Opcode::EnvBase>(Word word) {
    r(word.a()) = Value(host_.base_environment(constant(word.bx()).view()).value_or(""));
    note_read(constant(word.bx()).view(), r(word.a()));
    return advance();
}

template <>
bool Execution::execute<Opcode::CaptureGet>(Word word) {
    const auto& captures = fiber_.frames_.back().captures;
    r(word.a()) = word.bx() < captures.size() ? captures[word.bx()] : Value();
    if (bytecode::is_pure(chunk_->kind)) note_read(std::to_string(word.bx()), r(word.a()));
    return advance();
}

template <>
bool Execution::execute<Opcode::AliasGet>(Word word) {
    const auto& variable = module_->code.scopes[chunk_->scope].alias_variables[word.bx()];
    r(word.a()) = fiber_.scope_->alias_variable(variable);
    if (bytecode::is_pure(chunk_->kind)) note_read(module_->string(variable.name), r(word.a()));
    return advance();
}

template <>
bool Execution::execute<Opcode::OverlaySet>(Word word) {
    fiber_.overlay.emplace_back(constant(word.bx()).view(), r(word.a()));
    return advance();
}

template <>
bool Execution::execute<Opcode::NoteLet>(Word word) {
    return note_variable(word, Note::Kind::Let);
}
template <>
bool Execution::execute<Opcode::NoteAssign>(Word word) {
    return note_variable(word, Note::Kind::Assign);
}
template <>
bool Execution::execute<Opcode::NoteRead>(Word word) {
    return note_variable(word, Note::Kind::Read);
}

bool Execution::step(Word word) {
    switch (word.opcode()) {
#define OP(name, ...)  \
    case Opcode::name: \
        return execute<Opcode::name>(word);
#include "vm/bytecode/opcodes.def"
#undef OP
    }
    RELUX_UNREACHABLE("an opcode that the verifier has let pass");
}

bool Execution::note_variable(Word word, Note::Kind kind) {
    auto value = r(word.a()).view();
    if (!afford(value.size())) return false;
    note(kind, constant(word.bx()).view(), value);
    return advance();
}

bool Execution::afford(std::uint64_t work) {
    if (work <= work_left_) {
        work_left_ -= work;
        return true;
    }
    return fail("more work than can be done without a wait");
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

void Execution::wait_for_answer() {
    fiber_.frames_.back().pc = pc_;
    fiber_.pending_ = Fiber::Pending::Answer;
}

bool Execution::leave(ShellExit exit) {
    exit_ = std::move(exit);
    wait_for_answer();
    return false;
}

bool Execution::leave(WorkflowExit exit) {
    exit_ = std::move(exit);
    wait_for_answer();
    return false;
}

/// The instruction runs again as a whole.
bool Execution::leave_for_search() {
    exit_ = exits::Search();
    fiber_.frames_.back().pc = pc_;
    fiber_.pending_ = Fiber::Pending::Nothing;
    return false;
}

void Execution::stop_as_failed() {
    fiber_.frames_.back().pc = pc_;
    fiber_.pending_ = Fiber::Pending::Failed;
}

bool Execution::fail(exits::Failed failure) {
    exit_ = std::move(failure);
    stop_as_failed();
    return false;
}

bool Execution::fail(std::string message) {
    return fail(exits::Failed{exits::Failed::Kind::Runtime, std::move(message), {}, {}});
}

}  // namespace relux::exec

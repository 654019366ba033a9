// Calls: user functions lie on the caller's registers, arguments in place; pure natives run here, the others
// leave.
#include <algorithm>

#include "vm/exec/execution.h"

namespace relux::exec {

using bytecode::Opcode;

bool Execution::may_call(Word word) {
    // The outermost frame is a block, not a call.
    if (fiber_.frames_.size() > Fiber::kMaximumDepth) {
        return fail("call depth over " + std::to_string(Fiber::kMaximumDepth));
    }
    // There are no loops, but f1 calling f2 twice, f2 calling f3 twice and so on takes for ever all the same,
    // and while the interpreter runs no timer fires.
    if (++calls_ > kMaximumCalls) {
        return fail("more than 10 million function calls without a wait");
    }
    check_index(word.b(), module_->functions.size());
    const auto& target = module_->functions[word.b()];
    return afford(target.module->code.chunks[target.function->chunk].code.size() * kWorkOfInstruction);
}

template <>
bool Execution::execute<Opcode::Call>(Word word) {
    auto& frames = fiber_.frames_;
    if (!may_call(word)) return false;
    const auto& target = module_->functions[word.b()];
    const auto& chunk = target.module->code.chunks[target.function->chunk];
    const auto arguments = run_of(word.a() + 1, word.c());
    frames.back().pc = pc_;
    if (target.function->pure) note_call(word, arguments);
    CallFrame callee;
    callee.module = target.module;
    callee.function = target.function;
    callee.chunk = &chunk;
    callee.base = frames.back().base + word.a() + 1;
    callee.result = word.a();
    auto needed = std::size_t{callee.base} + callee.chunk->register_count;
    if (fiber_.registers_.size() < needed)
        fiber_.registers_.resize(std::max(needed, fiber_.registers_.size() * 2));
    frames.push_back(std::move(callee));
    load_frame();
    if (target.function->pure) return true;

    const auto arguments_there = run_of(0, word.c());
    exit_ = ShellExit(exits::CallEnter{target.function, {arguments_there.begin(), arguments_there.end()}});
    return false;
}

void Execution::note_call(Word word, std::span<const Value> arguments) {
    const auto& target = module_->functions[word.b()];
    Note noted{Note::Kind::PureCallEnter,
               *module_,
               chunk_->spans[pc_],
               target.module->string(target.function->name),
               {},
               arguments};
    noted.callee = word.b();
    note(noted);
}

template <>
bool Execution::execute<Opcode::Return>(Word word) {
    auto& frames = fiber_.frames_;
    if (frames.size() == 1) {
        // Copied, not moved: it may be a variable that the shell's next block reads.
        exit_ = exits::Finished{r(word.a())};
        fiber_.shell_captures_ = std::move(frames.back().captures);
        frames.clear();
        return false;
    }
    Value value = std::move(r(word.a()));
    const auto* function = frames.back().function;
    auto result = frames.back().result;
    frames.pop_back();
    load_frame();
    r(result) = value;
    if (function->pure) {
        note(Note::Kind::PureCallLeave, {}, value.view());
        return advance();
    }
    fiber_.pending_ = Fiber::Pending::Advance;
    exit_ = ShellExit(exits::CallLeave{function, std::move(value)});
    return false;
}

bool Execution::may_call_native(std::span<const Value> arguments) {
    std::uint64_t size = 0;
    for (const auto& argument : arguments)
        size += argument.view().size();
    return afford(kWorkOfNative + size);
}

template <>
bool Execution::execute<Opcode::CallNative>(Word word) {
    check_index(word.b(), module_->natives.size());
    const auto* native = module_->natives[word.b()];
    std::span<const Value> arguments = run_of(word.a() + 1, word.c());
    if (native->kind == NativeKind::Shell) {
        return leave(exits::ShellCall{native, {arguments.begin(), arguments.end()}});
    }
    if (!may_call_native(arguments)) return false;
    // The others ask the system.
    if (!native->constant) took_time_ = true;
    NativeCall call{arguments, host_};
    auto result = native->function(call);
    if (!result) return fail(result.error().message);
    if (!afford(result->view().size())) return false;
    r(word.a()) = std::move(*result);
    note(Note::Kind::NativeCall, native->name, r(word.a()).view(), arguments);
    return advance();
}

// The events of what the compiler has done already. Depth, number and work count as if it were done here.

template <>
bool Execution::execute<Opcode::NoteString>(Word word) {
    const auto text = constant(word.bx()).view();
    if (!afford(text.size())) return false;
    note(Note::Kind::String, {}, text);
    return advance();
}

template <>
bool Execution::execute<Opcode::NoteText>(Word word) {
    const auto& text = constant(word.bx());
    if (!afford(text.view().size())) return false;
    note(Note::Kind::Interpolation, {}, {}, {&text, 1});
    return advance();
}

template <>
bool Execution::execute<Opcode::NoteCall>(Word word) {
    if (!may_call(word)) return false;
    note_call(word, run_of(word.a() + 1, word.c()));
    r(word.a()) = Value();
    return advance();
}

template <>
bool Execution::execute<Opcode::NoteNative>(Word word) {
    check_index(word.b(), module_->natives.size());
    const auto arguments = run_of(word.a() + 1, word.c());
    if (!may_call_native(arguments)) return false;
    note(Note::Kind::NativeEnter, module_->natives[word.b()]->name, {}, arguments);
    r(word.a()) = Value();
    return advance();
}

template <>
bool Execution::execute<Opcode::NoteReturn>(Word word) {
    note(Note::Kind::PureCallLeave, {}, r(word.a()).view());
    return advance();
}

}  // namespace relux::exec

// Entering a chunk and taking answers. Running is interp.cpp's.
#include "vm/exec/fiber.h"

#include <algorithm>

#include "vm/base/assert.h"

namespace relux::exec {

void Fiber::enter(const LinkedModule& module, const bytecode::Chunk& chunk, ScopeContext* scope,
                  std::uint16_t persistent) {
    RELUX_ASSERT(persistent <= chunk.register_count,
                 "a shell's variables fit in the registers of its blocks");
    RELUX_ASSERT(chunk.scope == bytecode::kNone || scope != nullptr, "the chunk runs in a scope");
    RELUX_ASSERT(
        chunk.scope == bytecode::kNone || scope->slots.size() >= module.code.scopes[chunk.scope].slots.size(),
        "every variable of the scope has its slot");
    if (!frames_.empty()) shell_captures_ = std::move(frames_.front().captures);
    frames_.clear();
    overlay.clear();
    multi_patterns_.clear();
    pending_ = Pending::Nothing;
    scope_ = scope;
    if (registers_.size() < chunk.register_count) registers_.resize(chunk.register_count);
    std::fill(registers_.begin() + persistent, registers_.end(), Value());
    auto& frame = frames_.emplace_back();
    frame.module = &module;
    frame.chunk = &chunk;
    frame.captures = std::exchange(shell_captures_, {});
}

void Fiber::resume_with(Value value) {
    RELUX_ASSERT(pending_ == Pending::Answer, "an exit waits for its answer");
    const auto& frame = frames_.back();
    auto word = frame.chunk->code[frame.pc];
    auto destination = bytecode::opcode_info(word.opcode()).a;
    if (bytecode::writes(destination, bytecode::RegisterFile::Values)) {
        registers(frame)[word.a()] = std::move(value);
    }
    pending_ = Pending::Advance;
}

void Fiber::resume_with(Value value, Captures captures) {
    resume_with(std::move(value));
    frames_.back().captures = std::move(captures);
}

}  // namespace relux::exec

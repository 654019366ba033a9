// A stack discipline: expression trees define their parts in order and consume them together, so what is
// defined last dies first, and "above all that are live" is one number.
#include "compiler/registers.h"

#include <algorithm>

#include "vm/base/assert.h"

namespace relux::compiler {
namespace {

using bytecode::OperandKind;
using ir::kNoRegister;
using ir::Register;

constexpr std::uint32_t kNever = RegisterAssigner::kNever;

/// Calls have their result right before the arguments; a concatenation may have it anywhere.
bool is_call(const ir::Instruction& instruction) {
    const auto kind = bytecode::opcode_info(instruction.opcode).b;
    return kind == OperandKind::FunctionRef || kind == OperandKind::NativeRef;
}

bool writes_a(const ir::Instruction& instruction) {
    const auto kind = bytecode::opcode_info(instruction.opcode).a;
    return bytecode::writes(kind, bytecode::RegisterFile::Values);
}

template <class F>
void for_each_read(const ir::Instruction& instruction, F&& f) {
    const auto& info = bytecode::opcode_info(instruction.opcode);
    if (bytecode::reads(info.a, bytecode::RegisterFile::Values)) f(instruction.a);
    if (bytecode::reads(info.b, bytecode::RegisterFile::Values)) f(instruction.b);
    for (Register argument : instruction.arguments)
        f(argument);
}

/// The work on one chunk.
class Assigner {
  public:
    Assigner(const ir::Chunk& chunk, RegisterAssigner::Memory& memory, RegisterAssignment& result)
        : chunk_(chunk),
          pinned_(static_cast<std::uint32_t>(chunk.variables.size())),
          last_use_(memory.last_use),
          consumer_(memory.consumer),
          base_(memory.base),
          dead_(memory.dead),
          live_(memory.live),
          result_(result) {
        last_use_.assign(chunk.register_count, kNever);
        consumer_.assign(chunk.register_count, {});
        base_.assign(chunk.code.size(), kNever);
        dead_.assign(chunk.register_count, 0);
        live_.clear();
        result_.real.assign(chunk.register_count, kNever);
        for (std::uint32_t i = 0; i < pinned_; ++i)
            result_.real[i] = i;
        result_.count = pinned_;
    }

    void run() {
        find_uses();
        for (std::uint32_t i = 0; i < chunk_.code.size(); ++i) {
            const ir::Instruction& instruction = chunk_.code[i];
            for_each_read(instruction, [&](Register read) { release(read, i); });
            if (writes_a(instruction)) define(instruction.a, i);
        }
    }

  private:
    using Consumer = RegisterAssigner::Consumer;

    void find_uses() {
        for (std::uint32_t i = 0; i < chunk_.code.size(); ++i) {
            const ir::Instruction& instruction = chunk_.code[i];
            for_each_read(instruction, [&](Register read) { last_use_[read] = i; });
            if (instruction.arguments.empty()) continue;
            std::uint32_t offset = is_call(instruction) ? 1 : 0;
            for (const Register argument : instruction.arguments) {
                RELUX_ASSERT(argument >= pinned_, "a variable in the run of a call");
                consumer_[argument] = {i, offset++};
            }
        }
    }

    /// The first register of the run of instruction `number`; for a call that of its result.
    std::uint32_t base_of(std::uint32_t number) {
        if (base_[number] != kNever) return base_[number];
        const Register result = chunk_.code[number].a;
        const bool nested = result >= pinned_ && consumer_[result].instruction != kNever;
        base_[number] = nested ? base_of(consumer_[result].instruction) + consumer_[result].offset : top();
        return base_[number];
    }

    std::uint32_t place(Register defined, std::uint32_t number) {
        const Consumer& consumer = consumer_[defined];
        if (consumer.instruction != kNever) return base_of(consumer.instruction) + consumer.offset;
        return is_call(chunk_.code[number]) ? base_of(number) : top();
    }

    void define(Register defined, std::uint32_t number) {
        if (result_.real[defined] == kNever) {
            result_.real[defined] = place(defined, number);
            result_.count = std::max(result_.count, result_.real[defined] + 1);
            live_.push_back(defined);
        }
        if (defined >= pinned_ && (last_use_[defined] == kNever || last_use_[defined] <= number))
            kill(defined);
    }

    void release(Register read, std::uint32_t number) {
        if (read >= pinned_ && last_use_[read] == number) kill(read);
    }

    void kill(Register dying) {
        dead_[dying] = 1;
        while (!live_.empty() && dead_[live_.back()] != 0)
            live_.pop_back();
    }

    std::uint32_t top() const { return live_.empty() ? pinned_ : result_.real[live_.back()] + 1; }

    const ir::Chunk& chunk_;
    std::uint32_t pinned_;
    std::vector<std::uint32_t>& last_use_;
    std::vector<Consumer>& consumer_;
    std::vector<std::uint32_t>& base_;
    std::vector<std::uint8_t>& dead_;
    std::vector<Register>& live_;
    RegisterAssignment& result_;
};

/// Follows which virtual register each real one holds: every read must find its own value.
void check_assignment(const ir::Chunk& chunk, const RegisterAssignment& assignment,
                      std::vector<Register>& holds) {
    holds.assign(assignment.count, kNoRegister);
    for (Register i = 0; i < chunk.variables.size(); ++i)
        holds[i] = i;
    for (const ir::Instruction& instruction : chunk.code) {
        for_each_read(instruction, [&](Register read) {
            RELUX_ASSERT(holds[assignment.real[read]] == read,
                         "a register was overwritten before it was read");
        });
        const bool called = is_call(instruction);
        if (!instruction.arguments.empty()) {
            std::uint32_t next =
                called ? assignment.real[instruction.a] + 1 : assignment.real[instruction.arguments.front()];
            for (const Register argument : instruction.arguments) {
                RELUX_ASSERT(assignment.real[argument] == next, "a run that is not consecutive");
                ++next;
            }
        }
        if (called) {
            for (std::size_t i = assignment.real[instruction.a]; i < holds.size(); ++i)
                holds[i] = kNoRegister;
        }
        if (writes_a(instruction)) holds[assignment.real[instruction.a]] = instruction.a;
    }
}

}  // namespace

const RegisterAssignment& RegisterAssigner::assign(const ir::Chunk& chunk) {
    Assigner(chunk, memory_, result_).run();
    check_assignment(chunk, result_, memory_.holds);
    return result_;
}

}  // namespace relux::compiler

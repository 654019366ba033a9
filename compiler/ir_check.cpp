// Our own bugs, found at the stage that made them. Looks at operand kinds and effects only, never at an
// opcode.
#include "compiler/ir.h"
#include "vm/base/assert.h"

namespace relux::compiler::ir {
namespace {

using bytecode::OperandKind;

class Checker {
  public:
    explicit Checker(const Chunk& chunk) : chunk_(chunk), written_(chunk.register_count, false) {
        for (std::size_t i = 0; i < chunk.variables.size(); ++i)
            written_[i] = true;
    }

    void run() {
        RELUX_ASSERT(!chunk_.code.empty(), "a chunk without code");
        for (const Instruction& instruction : chunk_.code)
            check(instruction);
    }

  private:
    void check(const Instruction& instruction) {
        const auto& info = bytecode::opcode_info(instruction.opcode);
        const bool last = &instruction == &chunk_.code.back();
        RELUX_ASSERT(last == ((info.effects & bytecode::kEnds) != 0),
                     "a chunk ends with its last instruction, and only there");
        RELUX_ASSERT(!(info.effects & bytecode::kShell) || !is_pure(chunk_.kind),
                     "a shell operation in a pure chunk");
        RELUX_ASSERT(!(info.effects & bytecode::kScope) || chunk_.scope != bytecode::kNone,
                     "scope access without a scope");
        for (Register argument : instruction.arguments)
            check_read(argument);
        check_operand(info.a, instruction.a, instruction);
        check_operand(info.b, instruction.b, instruction);
        check_operand(info.c, kNoRegister, instruction);
        if (bytecode::writes(info.a, bytecode::RegisterFile::Values)) written_[instruction.a] = true;
    }

    void check_operand(OperandKind kind, Register value, const Instruction& instruction) const {
        if (kind == OperandKind::None) return;
        if (bytecode::reads(kind, bytecode::RegisterFile::Values)) return check_read(value);
        check_other(kind, value, instruction);
    }

    void check_other(OperandKind kind, Register value, const Instruction& instruction) const {
        const auto& info = bytecode::operand_kind_info(kind);
        RELUX_ASSERT(info.file != bytecode::RegisterFile::Documents, "workflows have no IR");
        if (info.access == bytecode::Access::Write) {
            RELUX_ASSERT(value < chunk_.register_count, "a result without a register");
        } else if (info.access == bytecode::Access::ReadRun) {
            RELUX_ASSERT(!instruction.arguments.empty(), "a run of no registers");
        } else if (kind == OperandKind::FunctionRef || kind == OperandKind::NativeRef) {
            RELUX_ASSERT(instruction.target != nullptr, "a call of nothing");
        }
    }

    void check_read(Register value) const {
        RELUX_ASSERT(value < chunk_.register_count, "an operand without a register");
        RELUX_ASSERT(written_[value], "a register is read before it is written");
    }

    const Chunk& chunk_;
    std::vector<bool> written_;
};

}  // namespace

void check(const Chunk& chunk) {
    Checker(chunk).run();
}

}  // namespace relux::compiler::ir

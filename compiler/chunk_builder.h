// Makes the code of one chunk, statement by statement. Expressions are lowered as trees: every value but a
// variable's is written once and read once, soon after; the assignment of registers relies on that.
#pragma once

#include <vector>

#include "compiler/ir.h"

namespace relux::compiler {

class ChunkBuilder {
  public:
    ChunkBuilder(const frontend::LoadedModule& module, GrowingList<ir::Instruction>& code, Arena& memory,
                 bytecode::ChunkKind kind, std::uint32_t scope, List<std::string_view> variables,
                 frontend::SourceRange range);

    /// Returns the register with the statement's value, or kNoRegister for the empty string (language 4.6).
    ir::Register statement(const frontend::Statement& statement);
    ir::Register expression(const frontend::Expression& expression);
    void statements(const frontend::Body& body);
    /// The entries of one start.
    void overlay(const frontend::StartSyntax& start);
    /// Variable `slot` becomes the environment's value of `name`.
    void slot_from_environment(std::uint32_t slot, std::string_view name);
    void condition(const frontend::MarkerSyntax& marker);

    /// Ends the chunk with `value`; kNoRegister: the empty string.
    void end_with(ir::Register value);
    ir::Chunk take() {
        chunk_.code = code_.copy(memory_);
        return chunk_;
    }

  private:
    using Opcode = bytecode::Opcode;

    ir::Register fresh() { return chunk_.register_count++; }
    ir::Instruction& emit(Opcode opcode, frontend::SourceRange range);
    ir::Register constant(std::string_view text, frontend::SourceRange range, ir::Register target);
    /// `target` kNoRegister: any register; a variable may come back as its own register.
    ir::Register expression_into(const frontend::Expression& expression, ir::Register target);
    ir::Register text_into(const frontend::Text& text, ir::Register target);
    void note_local_read(ir::Register variable, std::string_view name, frontend::SourceRange range);
    ir::Register read(const frontend::Binding& binding, std::string_view name, frontend::SourceRange range,
                      ir::Register target);
    ir::Register call(const frontend::CallExpression& call, frontend::SourceRange range);
    ir::Register part(const frontend::TextPart& part);
    const frontend::Binding& binding(const void* node) const;

    ir::Register value_into(const frontend::BindingValue& value, frontend::SourceRange range,
                            ir::Register target);
    /// Gives the variable its value and notes it. Returns the register that holds the value.
    ir::Register bind(const void* node, std::string_view name, const frontend::BindingValue* value,
                      Opcode note, frontend::SourceRange range);
    /// The same as statement() for each row of ast.def; one that is missing is not found by the linker.
#define STATEMENT(Type, word, operation) \
    ir::Register lower(const frontend::Type& node, frontend::SourceRange range);
#include "frontend/ast.def"
    ir::Register match(const frontend::Match& match, frontend::SourceRange range, ir::Register target);

    const frontend::LoadedModule& module_;
    GrowingList<ir::Instruction>& code_;
    Arena& memory_;
    ir::Chunk chunk_;
};

}  // namespace relux::compiler

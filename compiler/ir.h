// One module between syntax and bytecode: straight-line code over virtual registers with constants and
// references still as text and pointers. The opcodes are those of the machine (vm/bytecode/opcodes.def); what
// is missing are real registers and pools. All of it is plain data in an arena; views and pointers lead there
// or into the frontend::Program, and both must outlive it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "frontend/program.h"
#include "vm/base/arena.h"
#include "vm/bytecode/module.h"
#include "vm/bytecode/opcode.h"

namespace relux::compiler::ir {

/// A virtual register. Those below Chunk::variables.size() are the variables and keep their number as real
/// ones.
using Register = std::uint32_t;
inline constexpr Register kNoRegister = 0xffffffff;

/// Which members count is told by the operand kinds of the opcode; the others keep their defaults.
struct Instruction {
    bytecode::Opcode opcode;
    Register a = kNoRegister;
    Register b = kNoRegister;
    List<Register> arguments;  ///< the run of registers that a call or a concatenation reads
    std::string_view text;     ///< KString, KPattern
    std::uint32_t index = 0;   ///< Slot, AliasVariable, CaptureNumber
    const frontend::CallTarget* target = nullptr;  ///< FunctionRef, NativeRef
    Timeout timeout;                               ///< KDuration, TimeKind
    frontend::SourceRange range;
};

struct Chunk {
    bytecode::ChunkKind kind = bytecode::ChunkKind::Function;
    std::uint32_t argument_count = 0;
    std::uint32_t scope = bytecode::kNone;  ///< index of Module::scopes
    List<std::string_view> variables;       ///< parameters first
    Register register_count = 0;            ///< virtual registers, variables included
    List<Instruction> code;
    frontend::SourceRange range;  ///< of what it was made from
};

using ChunkIndex = std::uint32_t;
inline constexpr ChunkIndex kNoChunk = bytecode::kNone;

struct Marker {
    const frontend::MarkerSyntax* syntax = nullptr;
    ChunkIndex condition = kNoChunk;
};

struct Function {
    const frontend::FunctionSyntax* syntax = nullptr;
    ChunkIndex chunk = 0;
    List<Marker> markers;
};

/// The body of an effect (the first ones, as ModuleSyntax::effects) or of a test (then, as
/// ModuleSyntax::tests).
struct Scope {
    const frontend::ScopeResolution* resolution = nullptr;
    ChunkIndex declarations = kNoChunk;
    List<ChunkIndex> overlays;  ///< by start
    List<ChunkIndex> blocks;    ///< by shell block
    ChunkIndex cleanup = kNoChunk;
    List<Marker> markers;
};

struct Module {
    Module(const frontend::LoadedModule& made_from, Arena& arena)
        : source(&made_from), memory(&arena), chunks(arena), functions(arena), scopes(arena) {}

    /// Keeps a text that the optimiser has put together.
    std::string_view add_text(std::string_view text) {
        text_size += text.size();
        return memory->copy(text);
    }

    const frontend::LoadedModule* source;
    Arena* memory;
    GrowingList<Chunk> chunks;
    GrowingList<Function> functions;
    GrowingList<Scope> scopes;
    std::size_t text_size = 0;  ///< of all that add_text() has got
};

/// Text for `dump --ir`: one line per instruction, `line:column opcode operands`, variables by name as
/// `%name`, other virtual registers as `%number`.
std::string dump(const Module& module);

/// Asserts what later stages rely on: registers written before they are read, operands as the opcode wants
/// them, code that ends once, no shell operation in a pure chunk.
void check(const Chunk& chunk);

}  // namespace relux::compiler::ir

// One module between syntax and bytecode: straight-line code over virtual registers with constants and
// references still as text and pointers. The opcodes are those of the machine (vm/bytecode/opcodes.def); what
// is missing are real registers and pools. Views and pointers lead into the frontend::Program, which must
// outlive it, or into Module::texts.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/program.h"
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
    std::vector<Register> arguments;  ///< the run of registers that a call or a concatenation reads
    std::string_view text;            ///< KString, KPattern
    std::uint32_t index = 0;          ///< Slot, AliasVariable, CaptureNumber
    const frontend::CallTarget* target = nullptr;  ///< FunctionRef, NativeRef
    bytecode::TimeoutKind time_kind = bytecode::TimeoutKind::None;
    std::int64_t nanoseconds = 0;  ///< KDuration
    frontend::SourceRange range;
};

struct Chunk {
    bytecode::ChunkKind kind = bytecode::ChunkKind::Function;
    std::uint32_t argument_count = 0;
    std::uint32_t scope = bytecode::kNone;    ///< index of Module::scopes
    std::vector<std::string_view> variables;  ///< parameters first
    Register register_count = 0;              ///< virtual registers, variables included
    std::vector<Instruction> code;
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
    std::vector<Marker> markers;
};

/// The body of an effect (the first ones, as ModuleSyntax::effects) or of a test (then, as
/// ModuleSyntax::tests).
struct Scope {
    const frontend::ScopeResolution* resolution = nullptr;
    ChunkIndex declarations = kNoChunk;
    std::vector<ChunkIndex> overlays;  ///< by start
    std::vector<ChunkIndex> blocks;    ///< by shell block
    ChunkIndex cleanup = kNoChunk;
    std::vector<Marker> markers;
};

struct Module {
    const frontend::LoadedModule* source = nullptr;
    std::vector<Chunk> chunks;
    std::vector<Function> functions;
    std::vector<Scope> scopes;
    std::deque<std::string> texts;  ///< what the optimiser has put together; deque: addresses stay
};

/// Text for `dump --ir`: one line per instruction, `line:column opcode operands`, variables by name as
/// `%name`, other virtual registers as `%number`.
std::string dump(const Module& module);

/// Asserts what later stages rely on: registers written before they are read, operands as the opcode wants
/// them, code that ends once, no shell operation in a pure chunk.
void check(const Chunk& chunk);

}  // namespace relux::compiler::ir

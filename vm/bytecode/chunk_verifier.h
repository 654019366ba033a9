// The rules for the instructions of one chunk, decided by operand kinds and effect bits alone: a new row of
// opcodes.def needs no change here unless it brings a new kind. Private to vm/bytecode.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vm/bytecode/module.h"

namespace relux::bytecode {

/// Holds what the tables of the module say about a chunk besides the chunk itself.
struct ChunkContext {
    /// For each of Module::function_refs: a function of this module that is not pure. Outlives the context.
    const std::vector<bool>* impure_functions = nullptr;
    std::uint32_t written = 0;     ///< registers that hold a value before the first instruction
    std::uint32_t persistent = 0;  ///< registers that other chunks rely on afterwards
    std::uint32_t line_count = 0;  ///< of the source; 0 when the module has none
    const Start* start = nullptr;  ///< whose overlay it is
};

struct BrokenChunk {
    std::string rule;  ///< "instruction 3 (concat): register 9 is out of range, the chunk has 4"
    std::optional<std::size_t> instruction;
};

/// The first broken rule.
std::optional<BrokenChunk> verify_chunk(const Module& module, const Chunk& chunk,
                                        const ChunkContext& context);

/// Why a span can't be true, if it can't.
std::optional<std::string> verify_span(const Span& span, std::uint32_t line_count);

}  // namespace relux::bytecode

// One chunk, instruction by instruction: what is known of registers and variables, and what becomes of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compiler/call_evaluator.h"
#include "compiler/ir.h"
#include "compiler/optimise.h"

namespace relux::compiler {

/// Limits what folding may still add to a module, so that no program exceeds a limit by code that nobody has
/// written.
struct FoldingBudget {
    std::size_t text = std::size_t{1} << 20;  ///< bytes
    std::size_t instructions = std::size_t{1} << 16;
    std::size_t patterns = 4096;
};

/// Holds everything that the chunks of a module share.
struct FoldingSession {
    FoldingSession(ir::Module& folded, std::vector<Remark>* wanted)
        : module(folded), remarks(wanted), code(*folded.memory), evaluated(*folded.memory) {}

    ir::Module& module;
    std::vector<Remark>* remarks;
    FoldingBudget budget;
    // Memory for the work on one chunk, which the next one uses again.
    std::vector<Known> known;             ///< by register
    std::vector<std::size_t> definition;  ///< by register: where in the code it was written last
    std::vector<std::uint8_t> read;       ///< by register: is read by what comes later
    std::vector<std::uint8_t> ever_read;  ///< by register: was, before anything was folded
    GrowingList<ir::Instruction> code;
    GrowingList<ir::Instruction> evaluated;
    std::string joined;
    /// Those that were asked about, and whether they compile.
    std::map<std::string, bool, std::less<>> regexes;

    /// `text()` is asked only when somebody wants remarks.
    template <class F>
    void remark(frontend::SourceRange range, F&& text) {
        if (remarks != nullptr) remarks->push_back({range, text()});
    }
};

/// The chunk with everything folded. `variables` and `slots`: what is known of the shell's and the scope's
/// variables, before and after; null: nothing, and nobody wants to know.
ir::Chunk fold_chunk(FoldingSession& session, const ir::Chunk& chunk, std::vector<Known>* variables,
                     std::vector<Known>* slots);

}  // namespace relux::compiler

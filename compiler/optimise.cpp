// A test's or effect's variables are followed through its declarations, overlays and blocks, which run in
// that order and only if all before them went well. Cleanups run whatever happened before: to them no
// variable but their own is known.
#include "compiler/optimise.h"

#include "compiler/chunk_folding.h"
#include "frontend/resolve.h"
#include "vm/base/assert.h"

namespace relux::compiler {
namespace {

using bytecode::Opcode;
using bytecode::OperandKind;

class ModuleOptimiser {
  public:
    ModuleOptimiser(ir::Module& module, std::vector<Remark>* remarks)
        : module_(module), session_(module, remarks), done_(module.chunks.size()) {
        std::size_t patterns = 0;
        for (const ir::Chunk& chunk : module.chunks) {
            for (const ir::Instruction& each : chunk.code)
                patterns += bytecode::opcode_info(each.opcode).b == OperandKind::KPattern ? 1 : 0;
        }
        // The index of a pattern has 16 bits.
        if (patterns + session_.budget.patterns > 0xffff) session_.budget.patterns = 0;
    }

    void run() {
        for (const ir::Function& function : module_.functions) {
            chunk(function.chunk, nullptr, nullptr);
            markers(function.markers);
        }
        for (const ir::Scope& each : module_.scopes)
            scope(each);
        for (std::size_t i = 0; i < done_.size(); ++i) {
            RELUX_ASSERT(!done_[i].code.empty(), "a chunk that belongs to nothing");
            module_.chunks[i] = done_[i];
        }
    }

  private:
    void chunk(ir::ChunkIndex index, std::vector<Known>* variables, std::vector<Known>* slots) {
        if (index == ir::kNoChunk) return;
        done_[index] = fold_chunk(session_, module_.chunks[index], variables, slots);
    }

    void markers(List<ir::Marker> markers) {
        for (const ir::Marker& marker : markers)
            chunk(marker.condition, nullptr, nullptr);
    }

    void scope(const ir::Scope& scope) {
        markers(scope.markers);
        std::vector<Known> slots(scope.resolution->slots.size());
        chunk(scope.declarations, nullptr, &slots);
        for (const ir::ChunkIndex overlay : scope.overlays)
            chunk(overlay, nullptr, &slots);
        std::vector<std::vector<Known>> frames;
        for (const auto& frame : scope.resolution->frames)
            frames.emplace_back(frame.variables.size());
        for (std::size_t i = 0; i < scope.blocks.size(); ++i)
            chunk(scope.blocks[i], &frames[scope.resolution->block_frames[i]], &slots);
        remark_cleanup(scope, slots);
        chunk(scope.cleanup, nullptr, nullptr);
    }

    void remark_cleanup(const ir::Scope& scope, const std::vector<Known>& slots) {
        if (scope.cleanup == ir::kNoChunk || session_.remarks == nullptr) return;
        for (const ir::Instruction& each : module_.chunks[scope.cleanup].code) {
            if (each.opcode != Opcode::ScopeGet || !slots[each.index]) continue;
            session_.remark(each.range, [&] {
                return "not folded: a cleanup may run before `" +
                       std::string(scope.resolution->slots[each.index]) + "` has its value";
            });
        }
    }

    ir::Module& module_;
    FoldingSession session_;
    std::vector<ir::Chunk> done_;  ///< those of the module stay as they were until all are done
};

}  // namespace

void optimise(ir::Module& module, std::vector<Remark>* remarks) {
    ModuleOptimiser(module, remarks).run();
}

}  // namespace relux::compiler

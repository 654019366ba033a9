// Real registers for virtual ones. Variables keep their numbers; a temporary gets the lowest register above
// all that are live, or its place in the run of a call or concatenation. Straight-line code makes liveness
// exact.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/ir.h"

namespace relux::compiler {

struct RegisterAssignment {
    std::vector<std::uint32_t> real;  ///< by virtual register
    std::uint32_t count = 0;          ///< registers that the chunk uses
};

/// For any number of chunks, so that they share its memory.
class RegisterAssigner {
  public:
    /// `chunk` has passed ir::check. The result is checked by following what each register holds; it is that
    /// of the next call then.
    const RegisterAssignment& assign(const ir::Chunk& chunk);

    static constexpr std::uint32_t kNever = 0xffffffff;
    struct Consumer {
        std::uint32_t instruction = kNever;  ///< the call or concatenation that reads it in its run
        std::uint32_t offset = 0;            ///< from the base of that run
    };
    /// Holds the memory for the work on one chunk.
    struct Memory {
        std::vector<std::uint32_t> last_use;
        std::vector<Consumer> consumer;
        std::vector<std::uint32_t> base;  ///< by instruction
        std::vector<std::uint8_t> dead;
        std::vector<ir::Register> live;  ///< temporaries, their real registers ascending
        std::vector<ir::Register> holds;
    };

  private:
    Memory memory_;
    RegisterAssignment result_;
};

}  // namespace relux::compiler

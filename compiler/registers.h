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

/// `chunk` has passed ir::check. The result is checked by following what each register holds.
RegisterAssignment assign_registers(const ir::Chunk& chunk);

}  // namespace relux::compiler

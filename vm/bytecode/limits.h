// Upper bounds of what a module may hold. The verifier enforces them, so that the machine's memory is bounded
// by the size of the file it has read; no honest program comes near.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vm/base/input_limits.h"

namespace relux::bytecode {

/// Registers of one chunk. At the deepest recursion the machine holds 1000 times as many.
inline constexpr std::uint32_t kMaximumRegisters = 4096;
/// Instructions of one chunk.
inline constexpr std::size_t kMaximumInstructions = 1u << 20;
/// Modules of one archive.
inline constexpr std::uint32_t kMaximumModules = 1u << 16;

}  // namespace relux::bytecode

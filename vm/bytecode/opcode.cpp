// The table of opcodes, expanded from opcodes.def. It knows nothing but the rows.
#include "vm/bytecode/opcode.h"

#include <iterator>

#include "vm/base/assert.h"

namespace relux::bytecode {

static_assert(kOpcodeCount <= 256, "an opcode is one byte");

std::string_view comparison_name(unsigned row) {
    constexpr std::string_view kNames[] = {"eq", "ne", "gt", "lt", "ge", "le", "contains", "in", "not_null"};
    static_assert(std::size(kNames) == kComparisonCount);
    RELUX_ASSERT(row < kComparisonCount, "comparison out of range");
    return kNames[row];
}

}  // namespace relux::bytecode

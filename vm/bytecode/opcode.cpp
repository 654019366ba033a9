// The table of opcodes, expanded from opcodes.def. It knows nothing but the rows.
#include "vm/bytecode/opcode.h"

#include "vm/base/assert.h"
#include "vm/value/operator.h"

namespace relux::bytecode {

static_assert(kOpcodeCount <= 256, "an opcode is one byte");

std::string_view comparison_name(unsigned row) {
    static_assert(kComparisonCount == value::kOperatorCount);
    RELUX_ASSERT(row < kComparisonCount, "comparison out of range");
    return value::operator_name(static_cast<value::Operator>(row));
}

}  // namespace relux::bytecode

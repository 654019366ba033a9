// The table of opcodes, expanded from opcodes.def. It knows nothing but the rows.
#include "vm/bytecode/opcode.h"

#include <iterator>

#include "vm/base/assert.h"

namespace relux::bytecode {

namespace {

constexpr OpcodeInfo kOpcodes[] = {
#define OP(name, text, format, d, a, b, c, effects, synopsis) \
    {text, Format::format, OperandKind::d, OperandKind::a, OperandKind::b, OperandKind::c, effects, synopsis},
#include "vm/bytecode/opcodes.def"
#undef OP
};

static_assert(kOpcodeCount <= 256, "an opcode is one byte");

}  // namespace

const OpcodeInfo& opcode_info(Opcode opcode) {
    auto number = static_cast<unsigned>(opcode);
    RELUX_ASSERT(number < kOpcodeCount, "opcode number out of range");
    return kOpcodes[number];
}

std::string_view comparison_name(unsigned row) {
    constexpr std::string_view kNames[] = {"eq", "ne", "gt", "lt", "ge", "le", "contains", "in", "not_null"};
    static_assert(std::size(kNames) == kComparisonCount);
    RELUX_ASSERT(row < kComparisonCount, "comparison out of range");
    return kNames[row];
}

}  // namespace relux::bytecode

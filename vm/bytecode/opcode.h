// Opcodes, operand kinds and the instruction word: what opcodes.def expands to.
// Everything that is not the emitter or the interpreter switches over operand kinds, never over opcodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "vm/base/assert.h"
#include "vm/base/timeout.h"

namespace relux::bytecode {

enum class Opcode : std::uint8_t {
#define OP(name, text, format, d, a, b, c, effects, synopsis) name,
#include "vm/bytecode/opcodes.def"
#undef OP
};

enum class Format : std::uint8_t { ABC, ABx };

enum class OperandKind : std::uint8_t {
#define REGISTER(name, ...) name,
#define ENTRY(name, ...) name,
#define NUMBER(name, ...) name,
#include "vm/bytecode/operand_kinds.def"
};

enum class RegisterFile : std::uint8_t { None, Values, Documents };
/// Says what an instruction does with a register; ReadRun reads as many from there on as its Count says.
enum class Access : std::uint8_t { None, Read, Write, ReadWrite, ReadRun };

struct OperandKindInfo {
    RegisterFile file = RegisterFile::None;
    Access access = Access::None;
    /// How messages call an entry of the table that it leads into; empty: it is no index of a table.
    std::string_view entry;
    std::string_view meaning;
};

inline constexpr OperandKindInfo kOperandKinds[] = {
#define REGISTER(name, file, access, meaning) {RegisterFile::file, Access::access, {}, meaning},
#define ENTRY(name, Entry, entry, meaning) {RegisterFile::None, Access::None, entry, meaning},
#define NUMBER(name, meaning) {RegisterFile::None, Access::None, {}, meaning},
#include "vm/bytecode/operand_kinds.def"
};

constexpr const OperandKindInfo& operand_kind_info(OperandKind kind) {
    return kOperandKinds[static_cast<std::uint8_t>(kind)];
}

/// The kinds that are registers of a file with this access, or with ReadWrite, as bits of a number: passes
/// ask this of each operand.
consteval std::uint64_t registers_with(RegisterFile file, Access access) {
    static_assert(std::size(kOperandKinds) <= 64);
    std::uint64_t kinds = 0;
    for (std::size_t kind = 0; kind < std::size(kOperandKinds); ++kind) {
        const auto& info = kOperandKinds[kind];
        const bool has_access = info.access == access || info.access == Access::ReadWrite;
        if (info.file == file && has_access) kinds |= std::uint64_t{1} << kind;
    }
    return kinds;
}
/// Whether an operand of that kind is a register of the file that the instruction writes.
constexpr bool writes(OperandKind kind, RegisterFile file) {
    constexpr std::uint64_t kKinds[] = {0, registers_with(RegisterFile::Values, Access::Write),
                                        registers_with(RegisterFile::Documents, Access::Write)};
    return (kKinds[static_cast<std::uint8_t>(file)] >> static_cast<std::uint8_t>(kind) & 1) != 0;
}
/// Whether an operand of that kind is one register of the file that the instruction reads; a run is not.
constexpr bool reads(OperandKind kind, RegisterFile file) {
    constexpr std::uint64_t kKinds[] = {0, registers_with(RegisterFile::Values, Access::Read),
                                        registers_with(RegisterFile::Documents, Access::Read)};
    return (kKinds[static_cast<std::uint8_t>(file)] >> static_cast<std::uint8_t>(kind) & 1) != 0;
}

/// Rows of value::Operator (vm/value/operator.h).
inline constexpr unsigned kComparisonCount = 9;

/// Effect bits of an opcode.
inline constexpr std::uint32_t kSuspends = 1u << 0;
inline constexpr std::uint32_t kShell = 1u << 1;
inline constexpr std::uint32_t kSetsCaptures = 1u << 2;
inline constexpr std::uint32_t kEnds = 1u << 3;
inline constexpr std::uint32_t kScope = 1u << 4;
inline constexpr std::uint32_t kOverlay = 1u << 5;
inline constexpr std::uint32_t kMarker = 1u << 6;
inline constexpr std::uint32_t kWorkflow = 1u << 7;
inline constexpr std::uint32_t kSteps = 1u << 8;
inline constexpr std::uint32_t kOpensCall = 1u << 9;
inline constexpr std::uint32_t kClosesCall = 1u << 10;

struct OpcodeInfo {
    std::string_view name;  ///< as written in dumps, e.g. "match.re"
    Format format;
    OperandKind d, a, b, c;
    std::uint32_t effects;
    std::string_view synopsis;
};

inline constexpr int kOpcodeCount = 0
#define OP(name, text, format, d, a, b, c, effects, synopsis) +1
#include "vm/bytecode/opcodes.def"
#undef OP
    ;

inline constexpr OpcodeInfo kOpcodes[] = {
#define OP(name, text, format, d, a, b, c, effects, synopsis) \
    {text, Format::format, OperandKind::d, OperandKind::a, OperandKind::b, OperandKind::c, effects, synopsis},
#include "vm/bytecode/opcodes.def"
#undef OP
};

/// `opcode` must be below kOpcodeCount. In the header because every pass over code begins with it.
inline const OpcodeInfo& opcode_info(Opcode opcode) {
    const auto number = static_cast<unsigned>(opcode);
    RELUX_ASSERT(number < kOpcodeCount, "opcode number out of range");
    return kOpcodes[number];
}

/// `eq`, `not_null`, as value::operator_name says. `row` must be below kComparisonCount.
std::string_view comparison_name(unsigned row);

/// One instruction: op in bits 0-7, D in 8-15, A in 16-31, B in 32-47, C in 48-63; Bx is B and C together.
struct Instruction {
    std::uint64_t word = 0;

    static constexpr Instruction abc(Opcode op, unsigned a, unsigned b = 0, unsigned c = 0, unsigned d = 0) {
        return {static_cast<std::uint64_t>(op) | (static_cast<std::uint64_t>(d & 0xff) << 8) |
                (static_cast<std::uint64_t>(a & 0xffff) << 16) |
                (static_cast<std::uint64_t>(b & 0xffff) << 32) |
                (static_cast<std::uint64_t>(c & 0xffff) << 48)};
    }
    static constexpr Instruction abx(Opcode op, unsigned a, std::uint32_t bx, unsigned d = 0) {
        return {static_cast<std::uint64_t>(op) | (static_cast<std::uint64_t>(d & 0xff) << 8) |
                (static_cast<std::uint64_t>(a & 0xffff) << 16) | (static_cast<std::uint64_t>(bx) << 32)};
    }

    /// Only meaningful when opcode_number() < kOpcodeCount, which the verifier has made sure of.
    constexpr Opcode opcode() const { return static_cast<Opcode>(word & 0xff); }
    constexpr unsigned opcode_number() const { return static_cast<unsigned>(word & 0xff); }
    constexpr unsigned d() const { return static_cast<unsigned>((word >> 8) & 0xff); }
    constexpr unsigned a() const { return static_cast<unsigned>((word >> 16) & 0xffff); }
    constexpr unsigned b() const { return static_cast<unsigned>((word >> 32) & 0xffff); }
    constexpr unsigned c() const { return static_cast<unsigned>((word >> 48) & 0xffff); }
    constexpr std::uint32_t bx() const { return static_cast<std::uint32_t>(word >> 32); }

    bool operator==(const Instruction&) const = default;
};

}  // namespace relux::bytecode

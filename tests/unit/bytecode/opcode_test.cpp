// The table of opcodes: what every row promises to those who switch over operand kinds.
#include "vm/bytecode/opcode.h"

#include <set>

#include <doctest/doctest.h>

using namespace relux::bytecode;

TEST_CASE("rows are consistent") {
    std::set<std::string_view> names;
    for (int number = 0; number < kOpcodeCount; ++number) {
        const auto& info = opcode_info(static_cast<Opcode>(number));
        CAPTURE(info.name);
        CHECK(names.insert(info.name).second);
        CHECK_FALSE(info.synopsis.empty());
        CHECK((info.d == OperandKind::None || info.d == OperandKind::TimeKind ||
               info.d == OperandKind::Comparison));
        if (info.format == Format::ABx) CHECK(info.c == OperandKind::None);
        bool scoped = info.b == OperandKind::Slot || info.b == OperandKind::AliasVariable;
        if (scoped) CHECK((info.effects & kScope) != 0);
        bool call = info.b == OperandKind::FunctionRef || info.b == OperandKind::NativeRef;
        bool apply = info.b == OperandKind::TemplateFunction;
        bool run = info.b == OperandKind::SrcBase || info.b == OperandKind::DocumentSrcBase || call || apply;
        CHECK((info.c == OperandKind::Count) == run);
        if (call) CHECK(info.a == OperandKind::Dst);
        if (apply) CHECK(info.a == OperandKind::DocumentDst);
        if ((info.effects & kSteps) != 0) CHECK((info.effects & kWorkflow) != 0);
        CHECK((info.d == OperandKind::TimeKind) == (info.c == OperandKind::KDuration));
    }
}

TEST_CASE("an instruction gives back its parts") {
    auto word = Instruction::abc(Opcode::MatchRe, 0x1234, 0x5678, 0x9abc, 2);
    CHECK(word.opcode() == Opcode::MatchRe);
    CHECK(word.d() == 2);
    CHECK(word.a() == 0x1234);
    CHECK(word.b() == 0x5678);
    CHECK(word.c() == 0x9abc);
    CHECK(Instruction::abx(Opcode::LoadK, 1, 0xdeadbeef).bx() == 0xdeadbeef);
}

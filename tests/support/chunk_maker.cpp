#include "tests/support/chunk_maker.h"

#include "vm/bytecode/opcode.h"

namespace relux::test_support {

namespace {

constexpr std::uint32_t kNever = 0xffffffff;
constexpr std::uint32_t kMostInstructions = 14;

class ChunkMaker {
  public:
    ChunkMaker(Choices& choices, Numbers& numbers, const ChunkSurroundings& around, ChunkWish wish)
        : choices_(choices), numbers_(numbers), around_(around), wish_(wish) {
        chunk_.kind = wish.kind;
        chunk_.scope = wish.scope;
        const auto least = std::max(wish.arguments, wish.persistent);
        registers_ = least + 1 + choices_.below(5);
        written_.assign(registers_, false);
        std::fill_n(written_.begin(), least, true);
    }

    Chunk make() {
        for (auto left = choices_.below(kMostInstructions); left > 0; --left) {
            const auto op = static_cast<Opcode>(choices_.below(kOpcodeCount));
            if (legal(opcode_info(op))) instruction(op);
        }
        while (open_calls_ > 0)
            instruction(Opcode::NoteReturn);
        constexpr Opcode kDecisions[] = {Opcode::DecideTrue, Opcode::DecideEq, Opcode::DecideRe,
                                         Opcode::DecideReText};
        instruction(chunk_.kind == ChunkKind::Marker ? kDecisions[choices_.below(4)] : Opcode::Return);
        chunk_.kind = static_cast<ChunkKind>(numbers_(static_cast<std::uint32_t>(chunk_.kind)));
        chunk_.scope = numbers_(chunk_.scope);
        chunk_.register_count = static_cast<std::uint16_t>(numbers_(registers_));
        chunk_.argument_count = static_cast<std::uint16_t>(numbers_(wish_.arguments));
        return std::move(chunk_);
    }

  private:
    bool legal(const OpcodeInfo& info) const {
        if ((info.effects & (kEnds | kMarker)) != 0) return false;
        if ((info.effects & kWorkflow) != 0) return false;
        if ((info.effects & kClosesCall) != 0 && open_calls_ == 0) return false;
        if ((info.effects & kSuspends) != 0 && open_calls_ > 0) return false;
        if ((info.effects & kShell) != 0 && is_pure(chunk_.kind)) return false;
        if ((info.effects & kScope) != 0 && chunk_.scope == kNone) return false;
        return (info.effects & kOverlay) == 0 || chunk_.kind == ChunkKind::Overlay;
    }

    struct Operands {
        std::uint32_t a = 0, b = 0, c = 0, d = 0;
    };

    void instruction(Opcode op) {
        const auto& info = opcode_info(op);
        Operands chosen;
        if (info.d == OperandKind::TimeKind) chosen.d = choices_.below(3);
        const bool possible = info.c == OperandKind::Count
                                  ? run(info, chosen)
                                  : operand(info.a, chosen.a, chosen) && operand(info.b, chosen.b, chosen) &&
                                        operand(info.c, chosen.c, chosen);
        if (possible) push(op, chosen);
    }

    /// A join, or a call with its arguments.
    bool run(const OpcodeInfo& info, Operands& chosen) {
        if (info.b == OperandKind::SrcBase) {
            chosen.a = choices_.below(registers_);
            chosen.b = choices_.below(registers_);
            chosen.c = choices_.below(registers_ - chosen.b + 1);
            load(chosen.b, chosen.c);
            return true;
        }
        const bool native = info.b == OperandKind::NativeRef;
        const auto& pure = native ? around_.pure_natives : around_.pure_functions;
        if (pure.empty()) return false;
        chosen.b = choices_.below(pure.size());
        if (is_pure(chunk_.kind) && !pure[chosen.b]) return false;
        chosen.c = native ? around_.module.native_refs[chosen.b].arity
                          : around_.module.function_refs[chosen.b].arity;
        // A function's registers lie on what follows r[A], which must not be a variable of the shell.
        const std::uint32_t lowest = !native && wish_.persistent > 0 ? wish_.persistent - 1U : 0;
        if (lowest + chosen.c >= registers_) return false;
        chosen.a = lowest + choices_.below(registers_ - chosen.c - lowest);
        load(chosen.a + 1, chosen.c);
        return true;
    }

    /// False when there is nothing of that kind.
    bool operand(OperandKind kind, std::uint32_t& value, const Operands& chosen) {
        const auto one_of = [&](std::size_t count) {
            value = choices_.below(count);
            return count > 0;
        };
        using Kind = OperandKind;
        if (kind == Kind::None) return true;
        if (reads(kind, RegisterFile::Values)) {
            one_of(registers_);
            load(value, 1);
            return true;
        }
        if (writes(kind, RegisterFile::Values)) return one_of(registers_);
        if (kind == Kind::KString) return one_of(around_.module.strings.size());
        if (kind == Kind::KPattern) return one_of(around_.module.patterns.size());
        if (kind == Kind::KDuration) return chosen.d == 0 || one_of(around_.module.durations.size());
        if (kind == Kind::Slot) return one_of(around_.module.scopes[wish_.scope].slots.size());
        if (kind == Kind::AliasVariable) return alias_variable(value);
        return kind == Kind::CaptureNumber && one_of(4);
    }

    bool alias_variable(std::uint32_t& value) {
        const auto& all = around_.module.scopes[wish_.scope].alias_variables;
        value = choices_.below(all.size());
        if (all.empty()) return false;
        return !wish_.only_set_up ||
               std::find(wish_.set_up.begin(), wish_.set_up.end(), all[value].start) != wish_.set_up.end();
    }

    /// Constants into those of the registers that have not been written.
    void load(std::uint32_t first, std::uint32_t count) {
        for (auto index = first; index < first + count; ++index) {
            if (written_[index]) continue;
            push(Opcode::LoadK, {index, choices_.below(around_.module.strings.size()), 0, 0});
        }
    }

    void push(Opcode op, const Operands& chosen) {
        const auto& info = opcode_info(op);
        const auto number = static_cast<Opcode>(numbers_(static_cast<std::uint32_t>(op)));
        const auto a = numbers_(chosen.a), b = numbers_(chosen.b), d = numbers_(chosen.d);
        chunk_.code.push_back(info.format == Format::ABx
                                  ? Instruction::abx(number, a, b, d)
                                  : Instruction::abc(number, a, b, numbers_(chosen.c), d));
        chunk_.spans.push_back(make_span(choices_, numbers_));
        if (info.b == OperandKind::FunctionRef) std::fill(written_.begin() + chosen.a, written_.end(), false);
        if (writes(info.a, RegisterFile::Values)) written_[chosen.a] = true;
        if ((info.effects & kOpensCall) != 0) ++open_calls_;
        if ((info.effects & kClosesCall) != 0) --open_calls_;
    }

    Choices& choices_;
    Numbers& numbers_;
    const ChunkSurroundings& around_;
    const ChunkWish wish_;
    std::uint32_t registers_ = 0;
    std::vector<bool> written_;
    std::size_t open_calls_ = 0;  ///< noted, not ended yet
    Chunk chunk_;
};

}  // namespace

void Numbers::arm() {
    const std::uint32_t first = choices_.byte();
    right_ones_left_ = first == 0 ? kNever : (first - 1) * 4 + choices_.below(4);
}

std::uint32_t Numbers::operator()(std::uint32_t right) {
    if (right_ones_left_ == kNever || right_ones_left_-- > 0) return right;
    const std::uint32_t wrong[] = {right + 1, right - 1,  right + 2,       0,    1,   3, 0xff,
                                   0xffff,    0xffffffff, choices_.byte(), 4096, 4097};
    const auto made = wrong[choices_.below(std::size(wrong))];
    any_wrong_ = any_wrong_ || made != right;
    arm();
    return made;
}

Span make_span(Choices& choices, Numbers& numbers) {
    const auto line = choices.below(5);
    if (line == 0) return {numbers(0), numbers(0), 0};
    return {numbers(line), numbers(1), numbers(1 + line)};
}

Chunk make_chunk(Choices& choices, Numbers& numbers, const ChunkSurroundings& around, ChunkWish wish) {
    return ChunkMaker(choices, numbers, around, wish).make();
}

}  // namespace relux::test_support

// Puts into words what an opcode's row says. It switches over operand kinds and effects, never over opcodes,
// so a new row needs no line here. The introduction of docs/bytecode.md is written by hand, below.
#include "tools/explain/explain_opcodes.h"

#include "tools/explain/explain_format.h"
#include "vm/base/assert.h"

namespace relux::cli {

namespace {

using bytecode::Opcode;
using bytecode::OpcodeInfo;
using bytecode::OperandKind;

constexpr std::string_view kIntroduction = R"(<!-- Made by `reluxc explain op --all --format markdown`
     from vm/bytecode/opcodes.def, module.def, records.def, tools/explain/explain_opcodes.cpp and explain_format.cpp: change
     those. -->

# Bytecode

What the compiler writes and the machine runs. `reluxc dump --bytecode FILE` shows it with source lines and constants
in place, `reluxc explain op NAME` one instruction, `reluxc build` puts a suite's modules into one archive.

## The machine

Each shell block, function call, list of declarations, overlay and marker is a *chunk*: instructions that run one after
another, without jumps, on registers `r[0]`, `r[1]`, … of their own, which hold strings of bytes. An instruction that
must wait (for output, for a reader, for a called built-in) leaves the interpreter; the shell resumes it with the
result. A shell's registers live as long as the shell, across its blocks, and so do a test's or effect's variables.

## The instruction word

64 bits, so `pc + 1` is always the next instruction:

```
 63            48 47            32 31            16 15      8 7        0
+----------------+----------------+----------------+---------+----------+
|       C        |       B        |       A        |    D    |  opcode  |   format ABC
+----------------+----------------+----------------+---------+----------+
|                Bx               |       A        |    D    |  opcode  |   format ABx
+---------------------------------+----------------+---------+----------+
```

`k[n]` is an entry of the module's pools: strings, patterns, durations. A module is verified when it is loaded: every
register, index, length and operand is in range, the last instruction of a chunk is one that ends it, what needs a shell
is in no pure chunk, what needs a test or effect is in none without. Nothing is checked again while it runs.

The paths of workflows that stand in their files are a pool too, and are parsed when the module is loaded; one that a
template is part of is a text in a register until it is used.

Opcode numbers are in files: new ones are added at the end.

What the compiler folds leaves its events behind: `note.text` is an interpolation whose text is known, `note.call` or
`note.native` and `note.return` stand around what is left of a call that it has evaluated. They tell the event log what
the instructions that they replace would have told, and count as calls where those are limited.

)";

struct EffectWords {
    std::uint32_t effect;
    std::string_view words;
};
constexpr EffectWords kEffects[] = {
    {bytecode::kSuspends, "may wait: leaves the interpreter and is resumed with the result"},
    {bytecode::kShell, "needs a shell: not in pure chunks"},
    {bytecode::kSetsCaptures, "replaces the frame's captures"},
    {bytecode::kEnds, "is the last instruction of its chunk"},
    {bytecode::kScope, "needs a test or effect around it"},
    {bytecode::kOverlay, "only in overlays"},
    {bytecode::kMarker, "only in markers"},
    {bytecode::kWorkflow, "only in workflows"},
    {bytecode::kSteps, "only in lists of steps"},
    {bytecode::kOpensCall,
     "begins the events of a call that the compiler has made; nothing waits before they end"},
    {bytecode::kClosesCall, "ends the events of the call that was begun last"},
};

struct Operand {
    std::string_view column;
    OperandKind kind;
};

std::vector<Operand> operands(const OpcodeInfo& info) {
    std::vector<Operand> used;
    bool wide = info.format == bytecode::Format::ABx;
    for (const auto& operand : {Operand{"D", info.d}, Operand{"A", info.a},
                                Operand{wide ? "Bx" : "B", info.b}, Operand{"C", info.c}}) {
        if (operand.kind != OperandKind::None) used.push_back(operand);
    }
    return used;
}

std::string markdown_section(Opcode opcode) {
    const auto& info = bytecode::opcode_info(opcode);
    std::string text = "### " + std::string(info.name) + "\n\n`" + std::string(info.synopsis) + "`\n\n";
    for (const auto& operand : operands(info))
        text += "- `" + std::string(operand.column) +
                "`: " + std::string(bytecode::operand_kind_info(operand.kind).meaning) + "\n";
    std::string effects;
    for (const auto& [effect, words] : kEffects) {
        if ((info.effects & effect) != 0) effects += (effects.empty() ? "" : "; ") + std::string(words);
    }
    if (!effects.empty()) text += "- " + effects + "\n";
    return text;
}

}  // namespace

std::vector<std::string_view> opcode_names() {
    std::vector<std::string_view> names;
    for (int number = 0; number < bytecode::kOpcodeCount; ++number)
        names.push_back(bytecode::opcode_info(static_cast<Opcode>(number)).name);
    return names;
}

std::string opcode_list() {
    std::string text;
    for (int number = 0; number < bytecode::kOpcodeCount; ++number) {
        const auto& info = bytecode::opcode_info(static_cast<Opcode>(number));
        std::string name(info.name);
        name.append(name.size() < 16 ? 16 - name.size() : 1, ' ');
        text += name + std::string(info.synopsis) + "\n";
    }
    return text;
}

std::string explain_opcode(Opcode opcode) {
    const auto& info = bytecode::opcode_info(opcode);
    bool wide = info.format == bytecode::Format::ABx;
    std::string text = std::string(info.name) + "\n\n    " + std::string(info.synopsis) + "\n\n";
    for (const auto& operand : operands(info)) {
        std::string column(operand.column);
        column.resize(4, ' ');
        text += column + std::string(bytecode::operand_kind_info(operand.kind).meaning) + "\n";
    }
    for (const auto& [effect, words] : kEffects) {
        if ((info.effects & effect) != 0) text += "\nIt " + std::string(words) + ".";
    }
    if (info.effects != 0) text += "\n";
    text += "\nNumber " + std::to_string(static_cast<unsigned>(opcode)) + ", format " +
            (wide ? "ABx" : "ABC") + ".\n";
    return text;
}

std::string opcode_reference(bool markdown) {
    std::string text;
    if (markdown) {
        text += std::string(kIntroduction) + format_reference() +
                "## Instructions\n\n| number | name | format | |\n|---|---|---|---|\n";
        for (int number = 0; number < bytecode::kOpcodeCount; ++number) {
            const auto& info = bytecode::opcode_info(static_cast<Opcode>(number));
            text += "| " + std::to_string(number) + " | `" + std::string(info.name) + "` | " +
                    (info.format == bytecode::Format::ABx ? "ABx" : "ABC") + " | `" +
                    std::string(info.synopsis) + "` |\n";
        }
        text += "\n";
    }
    for (int number = 0; number < bytecode::kOpcodeCount; ++number) {
        auto opcode = static_cast<Opcode>(number);
        if (number > 0) text += "\n";
        text += markdown ? markdown_section(opcode) : explain_opcode(opcode);
    }
    return text;
}

}  // namespace relux::cli

// Checks code without knowing any opcode by name. Registers are followed for definite assignment, which is
// exact because code has no jumps.
#include "vm/bytecode/chunk_verifier.h"

#include <algorithm>

#include "vm/base/assert.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/module_fields.h"
#include "vm/bytecode/opcode.h"

namespace relux::bytecode {

std::optional<std::string> verify_span(const Span& span, std::uint32_t line_count) {
    if (span.line > kMaximumPlace || span.column > kMaximumPlace || span.end_column > kMaximumPlace) {
        return "its place is beyond line or column " + std::to_string(kMaximumPlace);
    }
    if (span.line == 0 && (span.column != 0 || span.end_column != 0))
        return "its place has a column without a line";
    if (span.line != 0 && span.column == 0) return "its place has a line without a column";
    if (span.end_column < span.column) return "its place ends before it begins";
    if (line_count != 0 && span.line > line_count) {
        return "its place is line " + std::to_string(span.line) + " of " + std::to_string(line_count);
    }
    return std::nullopt;
}

namespace {

using Rule = std::optional<std::string>;

/// How many entries the table has into which an operand of that kind leads.
std::size_t entry_count(const Module& module, OperandKind kind) {
    switch (kind) {
#define ENTRY(name, Entry, ...) \
    case OperandKind::name:     \
        return table_of(module, Index<Entry>()).size();
#define REGISTER(name, ...) \
    case OperandKind::name: \
        break;
#define NUMBER(name, ...)   \
    case OperandKind::name: \
        break;
#include "vm/bytecode/operand_kinds.def"
    }
    RELUX_UNREACHABLE("an operand that leads into no table");
}

class ChunkVerifier {
  public:
    ChunkVerifier(const Module& module, const Chunk& chunk, const ChunkContext& context)
        : module_(module),
          chunk_(chunk),
          context_(context),
          written_(chunk.register_count, false),
          documents_(chunk.document_count, false) {
        std::fill_n(written_.begin(), std::min<std::size_t>(context.written, written_.size()), true);
    }

    std::optional<BrokenChunk> verify() {
        if (auto broken = shape()) return BrokenChunk{*broken, std::nullopt};
        for (std::size_t i = 0; i < chunk_.code.size(); ++i) {
            auto broken = instruction(chunk_.code[i], i + 1 == chunk_.code.size());
            if (!broken) broken = verify_span(chunk_.spans[i], context_.line_count);
            if (broken) return BrokenChunk{place(i) + *broken, i};
        }
        return std::nullopt;
    }

  private:
    Rule shape() const {
        if (chunk_.register_count > kMaximumRegisters) {
            return "more than " + std::to_string(kMaximumRegisters) + " registers";
        }
        if (chunk_.document_count > kMaximumRegisters) {
            return "more than " + std::to_string(kMaximumRegisters) + " document registers";
        }
        if (chunk_.argument_count > chunk_.register_count) return "more arguments than registers";
        if (context_.persistent > chunk_.register_count)
            return "fewer registers than its shell has variables";
        if (chunk_.code.empty()) return "no instructions";
        if (chunk_.code.size() > kMaximumInstructions) return "too many instructions";
        if (chunk_.spans.size() != chunk_.code.size()) return "not one place per instruction";
        return std::nullopt;
    }

    Rule instruction(Instruction word, bool last) {
        if (word.opcode_number() >= static_cast<unsigned>(kOpcodeCount)) return "unknown opcode";
        const auto& info = opcode_info(word.opcode());
        if (auto broken = legal(info, last)) return broken;
        if (auto broken = time(info, word)) return broken;
        if (auto broken = operand(info.a, word.a(), info, word)) return broken;
        std::uint32_t second = info.format == Format::ABx ? word.bx() : word.b();
        if (auto broken = operand(info.b, second, info, word)) return broken;
        if (info.format == Format::ABC) {
            if (auto broken = operand(info.c, word.c(), info, word)) return broken;
        }
        note_effects(info, word);
        return std::nullopt;
    }

    /// The effects that the kind of the chunk allows.
    Rule legal(const OpcodeInfo& info, bool last) const {
        bool ends = (info.effects & kEnds) != 0;
        if (ends != last)
            return last ? "the last instruction does not end the chunk"
                        : "ends the chunk before its last instruction";
        if (open_calls_ > 0 && (ends || (info.effects & kSuspends)))
            return "stands inside a call that is only noted";
        if ((info.effects & kClosesCall) && open_calls_ == 0) return "ends a call that has not begun";
        if ((info.effects & kShell) && is_pure(chunk_.kind)) return "needs a shell in a pure chunk";
        if ((info.effects & kScope) && chunk_.scope == kNone)
            return "needs a test or effect around the chunk";
        if ((info.effects & kOverlay) && chunk_.kind != ChunkKind::Overlay)
            return "is only legal in an overlay chunk";
        if (((info.effects & kWorkflow) != 0) != is_of_workflow(chunk_.kind)) {
            return is_of_workflow(chunk_.kind) ? "is not legal in a workflow" : "is only legal in a workflow";
        }
        if ((info.effects & kSteps) && chunk_.kind != ChunkKind::Steps)
            return "is only legal in a list of steps";
        if ((info.effects & kSuspends) && chunk_.kind == ChunkKind::Setup) return "waits in a set-up";
        bool marker = chunk_.kind == ChunkKind::Marker;
        if ((info.effects & kMarker) && !marker) return "is only legal in a marker chunk";
        if (last && marker && !(info.effects & kMarker)) return "a marker chunk must end with a decision";
        return std::nullopt;
    }

    /// Column D and the duration that goes with it.
    Rule time(const OpcodeInfo& info, Instruction word) const {
        if (info.d == OperandKind::Comparison) return in_range(word.d(), kComparisonCount, "comparison");
        if (info.d != OperandKind::TimeKind) {
            return word.d() == 0 ? Rule() : Rule("an unused operand is not 0");
        }
        if (word.d() > static_cast<unsigned>(TimeoutKind::Assertion)) return "unknown kind of time-out";
        return std::nullopt;
    }

    Rule operand(OperandKind kind, std::uint32_t value, const OpcodeInfo& info, Instruction word) const {
        using Kind = OperandKind;
        const auto& kind_info = operand_kind_info(kind);
        if (kind_info.access != Access::None) return register_operand(kind_info, value, word);
        if (kind == Kind::None) return value == 0 ? Rule() : Rule("an unused operand is not 0");
        if (kind == Kind::KDuration) return duration(info, word, value);
        if (!kind_info.entry.empty()) {
            if (auto broken = in_range(value, entry_count(module_, kind), kind_info.entry)) return broken;
        }
        if (kind == Kind::FunctionRef) return function_call(value, word);
        if (kind == Kind::NativeRef) return arity(module_.native_refs[value].arity, word.c());
        if (kind == Kind::TemplateFunction) return arity(module_.template_functions[value].arity, word.c());
        if (kind == Kind::WorkflowRef) return workflow_reference(value, info);
        if (kind == Kind::Count) return count(value, info, word);
        if (kind == Kind::Slot) return in_range(value, scope().slots.size(), "variable");
        if (kind == Kind::AliasVariable) return alias_variable(value);
        if (kind == Kind::CaptureNumber)
            return value <= kMaximumCapture ? Rule() : Rule("capture number out of range");
        RELUX_ASSERT(!kind_info.entry.empty(), "TimeKind and Comparison stand in column D only");
        return std::nullopt;
    }

    Rule register_operand(const OperandKindInfo& kind, std::uint32_t value, Instruction word) const {
        const bool is_value = kind.file == RegisterFile::Values;
        if (kind.access == Access::Write) {
            return is_value ? in_range(value, chunk_.register_count, "register")
                            : in_range(value, chunk_.document_count, "document register");
        }
        const auto count = kind.access == Access::ReadRun ? word.c() : 1U;
        return is_value ? readable(value, count) : readable_documents(value, count);
    }

    /// The arguments of a call stand behind the register of its result.
    Rule count(std::uint32_t value, const OpcodeInfo& info, Instruction word) const {
        if (operand_kind_info(info.b).access == Access::ReadRun) return Rule();
        return info.b == OperandKind::TemplateFunction ? readable_documents(word.a() + 1, value)
                                                       : readable(word.a() + 1, value);
    }

    /// Steps are included all or none.
    Rule workflow_reference(std::uint32_t value, const OpcodeInfo& info) const {
        const bool includes = (info.effects & kSteps) != 0;
        if (includes && module_.workflow_refs[value].target != kNone) return "includes one step alone";
        return std::nullopt;
    }

    /// Declarations run before all starts, an overlay after those that its start waits for.
    Rule alias_variable(std::uint32_t value) const {
        if (auto broken = in_range(value, scope().alias_variables.size(), "alias variable")) return broken;
        const auto read = scope().alias_variables[value].start;
        bool set_up = chunk_.kind != ChunkKind::Declarations;
        if (context_.start != nullptr) {
            const auto& before = context_.start->waits_for;
            set_up = std::find(before.begin(), before.end(), read) != before.end();
        }
        return set_up ? Rule() : Rule("reads from a start that is not set up before");
    }

    Rule duration(const OpcodeInfo& info, Instruction word, std::uint32_t value) const {
        bool timed = info.d != OperandKind::TimeKind || word.d() != static_cast<unsigned>(TimeoutKind::None);
        if (!timed) return value == 0 ? Rule() : Rule("a duration without a kind of time-out");
        return in_range(value, module_.durations.size(), "duration");
    }

    Rule function_call(std::uint32_t value, Instruction word) const {
        const auto& reference = module_.function_refs[value];
        if (auto broken = arity(reference.arity, word.c())) return broken;
        if (word.a() + 1 < context_.persistent) return "the call would overwrite the shell's variables";
        // Functions of other modules are checked when they are linked.
        if (is_pure(chunk_.kind) && (*context_.impure_functions)[value])
            return "calls an impure function in a pure chunk";
        return std::nullopt;
    }

    /// Whether registers `first` to `first + count - 1` exist and have been written.
    Rule readable(std::uint32_t first, std::uint32_t count) const {
        return readable(written_, "register", first, count);
    }
    Rule readable_documents(std::uint32_t first, std::uint32_t count) const {
        return readable(documents_, "document register", first, count);
    }
    static Rule readable(const std::vector<bool>& written, const char* what, std::uint32_t first,
                         std::uint32_t count) {
        if (first + count > written.size())
            return in_range(count == 0 ? first : first + count - 1, written.size(), what);
        for (auto i = first; i < first + count; ++i) {
            if (!written[i])
                return std::string(what) + " " + std::to_string(i) + " is read before it is written";
        }
        return std::nullopt;
    }

    void note_effects(const OpcodeInfo& info, Instruction word) {
        if (info.b == OperandKind::FunctionRef) {
            std::fill(written_.begin() + word.a(), written_.end(), false);
        }
        if (writes(info.a, RegisterFile::Values)) written_[word.a()] = true;
        if (writes(info.a, RegisterFile::Documents)) documents_[word.a()] = true;
        if (info.effects & kOpensCall) ++open_calls_;
        if (info.effects & kClosesCall) --open_calls_;
    }

    const Scope& scope() const { return module_.scopes[chunk_.scope]; }

    static Rule arity(std::uint16_t declared, std::uint32_t given) {
        if (declared == given) return std::nullopt;
        return std::to_string(given) + " arguments for a reference that takes " + std::to_string(declared);
    }

    static Rule in_range(std::uint64_t value, std::size_t size, std::string_view what) {
        if (value < size) return std::nullopt;
        return std::string(what) + " " + std::to_string(value) + " is out of range, there are " +
               std::to_string(size);
    }

    std::string place(std::size_t index) const {
        auto word = chunk_.code[index];
        std::string text = "instruction " + std::to_string(index);
        if (word.opcode_number() < static_cast<unsigned>(kOpcodeCount)) {
            text += " (" + std::string(opcode_info(word.opcode()).name) + ")";
        }
        return text + ": ";
    }

    const Module& module_;
    const Chunk& chunk_;
    const ChunkContext& context_;
    std::vector<bool> written_;
    std::vector<bool> documents_;
    std::size_t open_calls_ = 0;  ///< noted, not ended yet
};

}  // namespace

std::optional<BrokenChunk> verify_chunk(const Module& module, const Chunk& chunk,
                                        const ChunkContext& context) {
    return ChunkVerifier(module, chunk, context).verify();
}

}  // namespace relux::bytecode

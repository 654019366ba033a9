// Code has no jumps, so one pass that follows which registers and variables hold a known text is exact.
#include "compiler/chunk_folding.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "compiler/registers.h"
#include "vm/base/assert.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/quoted.h"
#include "vm/match/pattern.h"

namespace relux::compiler {
namespace {

using bytecode::Opcode;
using bytecode::OperandKind;
using ir::kNoRegister;
using ir::Register;

std::string shortened(std::string text) {
    constexpr std::size_t kLongest = 100;
    if (text.size() > kLongest) text = text.substr(0, kLongest) + "…";
    return text;
}

bool writes_a(const ir::Instruction& instruction) {
    const auto kind = bytecode::opcode_info(instruction.opcode).a;
    return bytecode::writes(kind, bytecode::RegisterFile::Values);
}

template <class F>
void for_each_read(const ir::Instruction& instruction, F&& f) {
    const auto& info = bytecode::opcode_info(instruction.opcode);
    if (bytecode::reads(info.a, bytecode::RegisterFile::Values)) f(instruction.a);
    if (bytecode::reads(info.b, bytecode::RegisterFile::Values)) f(instruction.b);
    for (const Register argument : instruction.arguments)
        f(argument);
}

/// The session's code without constants and copies that nothing reads any more. Variables are read by what
/// comes later, and by reports. What was never read stays: a statement that is just a value is a place where
/// a test can be interrupted.
List<ir::Instruction> without_unread(FoldingSession& session, const ir::Chunk& chunk,
                                     const ir::Chunk& before) {
    auto& code = session.code;
    auto& ever_read = session.ever_read;
    auto& read = session.read;
    ever_read.assign(chunk.register_count, 0);
    for (const ir::Instruction& each : before.code)
        for_each_read(each, [&](Register one) { ever_read[one] = 1; });
    read.assign(chunk.register_count, 0);
    std::size_t kept = code.size();  // what is kept moves to the end
    for (std::size_t i = code.size(); i-- > 0;) {
        const ir::Instruction& each = code[i];
        const bool temporary = writes_a(each) && each.a >= chunk.variables.size();
        const bool only_value = each.opcode == Opcode::LoadK || each.opcode == Opcode::Move;
        if (temporary && only_value && read[each.a] == 0 && ever_read[each.a] != 0) continue;
        if (temporary) read[each.a] = 0;
        for_each_read(each, [&](Register one) { read[one] = 1; });
        if (--kept != i) code[kept] = each;
    }
    return session.module.memory->copy(List<ir::Instruction>(code.begin() + kept, code.size() - kept));
}

class ChunkFolder {
  public:
    ChunkFolder(FoldingSession& session, const ir::Chunk& from, std::vector<Known>* variables,
                std::vector<Known>* slots)
        : session_(session),
          from_(from),
          chunk_(from),
          variables_(variables),
          slots_(slots),
          evaluator_(session.module, chunk_, session.evaluated),
          code_(session.code),
          known_(session.known),
          definition_(session.definition) {
        code_.clear();
        code_.reserve(from.code.size());
        known_.assign(from.register_count, std::nullopt);
        definition_.assign(from.register_count, 0);
        if (variables != nullptr) std::copy(variables->begin(), variables->end(), known_.begin());
    }

    ir::Chunk run() {
        for (const ir::Instruction& instruction : from_.code)
            visit(instruction);
        if (variables_ != nullptr) std::copy_n(known_.begin(), variables_->size(), variables_->begin());
        chunk_.code = without_unread(session_, chunk_, from_);
        if (chunk_.code.size() > bytecode::kMaximumInstructions ||
            (chunk_.register_count > bytecode::kMaximumRegisters &&
             RegisterAssigner().assign(chunk_).count > bytecode::kMaximumRegisters))
            return from_;
        return chunk_;
    }

  private:
    void visit(const ir::Instruction& instruction) {
        using enum Opcode;
        const auto op = instruction.opcode;
        if (op == LoadK) return define(instruction, instruction.text);
        if (op == Move) return copy(instruction, known_[instruction.b]);
        if (op == ScopeGet) {
            const Known known = slots_ != nullptr ? (*slots_)[instruction.index] : Known();
            // Outside of shells reading a variable is an event.
            return bytecode::is_pure(from_.kind) ? define(instruction, known) : copy(instruction, known);
        }
        if (op == ScopeSet && slots_ != nullptr) (*slots_)[instruction.index] = known_[instruction.a];
        if (op == Concat) return concat(instruction);
        if (op == Call || op == CallNative) return call(instruction);
        if (op == MatchReText) return pattern(instruction, MatchRe, instruction.a);
        if (op == FailReText) return pattern(instruction, FailRe, instruction.a);
        if (op == MultiReText) return pattern(instruction, MultiRe, instruction.a);
        if (op == AssertReText) return pattern(instruction, AssertRe, instruction.b);
        if (op == DecideReText) return pattern(instruction, DecideRe, instruction.b);
        define(instruction, {});
    }

    /// Puts the instruction into the code; what it writes holds `value`.
    void define(const ir::Instruction& instruction, const Known& value) {
        if (writes_a(instruction)) {
            known_[instruction.a] = value;
            definition_[instruction.a] = code_.size();
        }
        code_.push_back(instruction);
    }

    void load(const ir::Instruction& instead_of, std::string_view text) {
        ir::Instruction load;
        load.opcode = Opcode::LoadK;
        load.range = instead_of.range;
        load.a = instead_of.a;
        load.text = text;
        define(load, text);
    }

    void copy(const ir::Instruction& instruction, const Known& value) {
        if (value) return load(instruction, *value);
        define(instruction, {});
    }

    /// The text of known registers, when it is short enough and may be added to the module.
    Known joined(std::span<const Register> registers) {
        auto& text = session_.joined;
        text.clear();
        for (const Register part : registers) {
            if (!known_[part] || text.size() + known_[part]->size() > EvaluationLimits::kText)
                return std::nullopt;
            text += *known_[part];
        }
        if (text.size() > session_.budget.text) return std::nullopt;
        session_.budget.text -= text.size();
        return session_.module.add_text(text);
    }

    void concat(const ir::Instruction& instruction) {
        if (const auto text =
                joined(std::span(instruction.arguments.begin(), instruction.arguments.size()))) {
            session_.remark(instruction.range,
                            [&] { return "folded: " + shortened(bytecode::quoted_text(*text)); });
            ir::Instruction note;
            note.opcode = Opcode::NoteText;
            note.range = instruction.range;
            note.text = *text;
            define(note, {});
            return load(instruction, *text);
        }
        define(with_joined_parts(instruction), {});
    }

    /// Whether a known register is made by nothing but its load.
    bool is_loaded(Register part) const { return code_[definition_[part]].opcode == Opcode::LoadK; }

    /// Neighbours that are known become one part.
    ir::Instruction with_joined_parts(ir::Instruction concat) {
        const auto parts = concat.arguments;
        GrowingList<Register> joined_parts(*session_.module.memory);
        joined_parts.reserve(parts.size());
        for (std::size_t i = 0; i < parts.size();) {
            std::size_t end = i;
            while (end < parts.size() && known_[parts[end]] && is_loaded(parts[end]))
                ++end;
            if (end > i + 1) {
                if (const auto text = joined(std::span(parts.begin() + i, end - i))) {
                    // In place, where the first part is made: registers are assigned in the order of the
                    // code, and nothing else reads the part.
                    RELUX_ASSERT(is_loaded(parts[i]), "a part that is known");
                    code_[definition_[parts[i]]].text = *text;
                    known_[parts[i]] = text;
                    joined_parts.push_back(parts[i]);
                    i = end;
                    continue;
                }
            }
            const std::size_t next = std::max(end, i + 1);
            joined_parts.append(parts.begin() + i, parts.begin() + next);
            i = next;
        }
        concat.arguments = joined_parts.list();
        return concat;
    }

    void call(const ir::Instruction& instruction) {
        std::vector<std::string_view> arguments;
        for (const Register argument : instruction.arguments) {
            if (!known_[argument]) return define(instruction, {});
            arguments.push_back(*known_[argument]);
        }
        const Register before = chunk_.register_count;
        const auto size_before = session_.module.text_size;
        Known value = evaluator_.evaluate(instruction, arguments);
        std::string refusal = evaluator_.refusal();
        if (value && !afford(size_before)) {
            value.reset();
            refusal = "the module has grown enough by what was evaluated";
        }
        if (!value) {
            if (!refusal.empty())
                session_.remark(instruction.range, [&] {
                    return "not evaluated: " + call_text(instruction, arguments) + ": " + refusal;
                });
            chunk_.register_count = before;
            return define(instruction, {});
        }
        session_.remark(instruction.range, [&] {
            return "evaluated: " + call_text(instruction, arguments) + " is " +
                   shortened(bytecode::quoted_text(*value));
        });
        known_.resize(chunk_.register_count);
        definition_.resize(chunk_.register_count);
        // It ends with the value's load and the return that reads it.
        auto& code = evaluator_.code();
        code[code.size() - 2].a = instruction.a;
        code.back().a = instruction.a;
        for (const ir::Instruction& each : code)
            define(each, {});
        known_[instruction.a] = value;
    }

    /// Takes what the last evaluation adds from the budget.
    bool afford(std::size_t size_before) {
        const std::size_t size = session_.module.text_size - size_before;
        auto& budget = session_.budget;
        if (size > budget.text || evaluator_.code().size() > budget.instructions) return false;
        budget.text -= size;
        budget.instructions -= evaluator_.code().size();
        return true;
    }

    static std::string call_text(const ir::Instruction& call,
                                 const std::vector<std::string_view>& arguments) {
        const auto& target = *call.target;
        std::string text(target.builtin != nullptr ? target.builtin->name
                                                   : target.function.syntax().name.text);
        for (std::size_t i = 0; i < arguments.size(); ++i)
            text += (i == 0 ? "(" : ", ") + shortened(bytecode::quoted_text(arguments[i]));
        return text + (arguments.empty() ? "()" : ")");
    }

    bool compiles(std::string_view regex) {
        auto it = session_.regexes.find(regex);
        if (it == session_.regexes.end())
            it = session_.regexes.emplace(std::string(regex), bool(match::check_regex(regex))).first;
        return it->second;
    }

    /// An instruction with the regex in a register, or its twin with a static pattern.
    void pattern(ir::Instruction instruction, Opcode fixed, Register regex) {
        const Known text = known_[regex];
        if (!text) return define(instruction, {});
        const auto shown = [&] { return shortened(bytecode::slashed(*text)); };
        if (!compiles(*text)) {
            session_.remark(instruction.range,
                            [&] { return "left to run time: the pattern " + shown() + " is invalid"; });
            return define(instruction, {});
        }
        if (session_.budget.patterns == 0) return define(instruction, {});
        --session_.budget.patterns;
        session_.remark(instruction.range, [&] { return "static pattern: " + shown(); });
        const auto& info = bytecode::opcode_info(fixed);
        instruction.opcode = fixed;
        instruction.text = *text;
        if (info.a == OperandKind::None) instruction.a = kNoRegister;
        if (info.b != OperandKind::Src) instruction.b = kNoRegister;
        define(instruction, {});
    }

    FoldingSession& session_;
    const ir::Chunk& from_;
    ir::Chunk chunk_;
    std::vector<Known>* variables_;
    std::vector<Known>* slots_;
    CallEvaluator evaluator_;
    GrowingList<ir::Instruction>& code_;
    std::vector<Known>& known_;
    std::vector<std::size_t>& definition_;
};

}  // namespace

ir::Chunk fold_chunk(FoldingSession& session, const ir::Chunk& chunk, std::vector<Known>* variables,
                     std::vector<Known>* slots) {
    return ChunkFolder(session, chunk, variables, slots).run();
}

}  // namespace relux::compiler

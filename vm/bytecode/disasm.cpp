// Text of a module for people: functions, effects and tests in source order, each chunk with the source lines
// its instructions were made from. Operands are printed by kind, so a new opcode needs nothing here. The
// module must have passed the verifier.
#include <algorithm>
#include <cstdio>
#include <functional>

#include "vm/base/assert.h"
#include "vm/base/duration.h"
#include "vm/bytecode/module_file.h"
#include "vm/bytecode/quoted.h"

namespace relux::bytecode {

namespace {

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

std::string right_aligned(std::size_t number, std::size_t width) {
    auto digits = std::to_string(number);
    return std::string(digits.size() < width ? width - digits.size() : 0, ' ') + digits;
}

std::vector<std::string_view> lines_of(std::string_view source) {
    std::vector<std::string_view> lines;
    while (!source.empty()) {
        auto end = source.find('\n');
        auto line = source.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(line);
        source.remove_prefix(end == std::string_view::npos ? source.size() : end + 1);
    }
    return lines;
}

class Disassembler {
  public:
    explicit Disassembler(const Module& module) : module_(module), lines_(lines_of(module.source)) {}

    std::string text() {
        out_ = "module " + module_.name + "\n";
        std::vector<std::pair<Span, std::function<void()>>> items;
        for (const auto& function : module_.functions) {
            items.emplace_back(function.span, [&] { print_function(function); });
        }
        for (const auto& effect : module_.effects) {
            items.emplace_back(module_.scopes[effect.scope].span, [&] { print_effect(effect); });
        }
        for (const auto& test : module_.tests) {
            if (test.workflow != kNone) continue;
            items.emplace_back(module_.scopes[test.scope].span, [&] { print_test(test); });
        }
        for (std::uint32_t i = 0; i < module_.workflows.size(); ++i)
            items.emplace_back(module_.workflows[i].span, [this, i] { print_workflow(i); });
        std::stable_sort(items.begin(), items.end(), [](const auto& left, const auto& right) {
            return std::pair(left.first.line, left.first.column) <
                   std::pair(right.first.line, right.first.column);
        });
        for (const auto& [span, print] : items)
            print();
        return std::move(out_);
    }

  private:
    const std::string& string(StringIndex index) const { return module_.strings[index]; }

    void print_function(const Function& function) {
        out_ += function.pure ? "\npure fn " : "\nfn ";
        out_ += string(function.name) + "(" + names(function.parameters) + ")\n";
        print_markers(function.markers);
        print_chunk("code", function.chunk);
    }

    void print_effect(const Effect& effect) {
        const auto& scope = module_.scopes[effect.scope];
        out_ += "\neffect " + string(scope.name) + "\n";
        if (!effect.expects.empty()) out_ += "  expects " + names(effect.expects) + "\n";
        for (const auto& expose : effect.exposes) {
            out_ += expose.variable ? "  exposes var " : "  exposes shell ";
            if (expose.start != kNone) out_ += start_name(scope, expose.start) + ".";
            out_ += string(expose.inner_name);
            if (string(expose.name) != string(expose.inner_name)) out_ += " as " + string(expose.name);
            out_ += "\n";
        }
        print_scope(scope);
    }

    void print_test(const Test& test) {
        const auto& scope = module_.scopes[test.scope];
        out_ += "\ntest " + quoted(string(scope.name));
        if (test.timeout_kind != TimeoutKind::None) out_ += " " + time(test.timeout_kind, test.timeout);
        out_ += "\n";
        if (test.docstring != kNone) out_ += "  docstring " + quoted(string(test.docstring)) + "\n";
        print_scope(scope);
    }

    /// Steps where they run first: a step's own chunk, then those of its branches or its loop.
    void print_workflow(std::uint32_t index) {
        const auto& workflow = module_.workflows[index];
        const bool runs = std::any_of(module_.tests.begin(), module_.tests.end(),
                                      [&](const Test& test) { return test.workflow == index; });
        out_ +=
            "\nworkflow " + quoted(string(workflow.name)) + (runs ? "\n" : ", to be called or included\n");
        print_chunk("set-up", workflow.setup);
        print_steps("steps", workflow.steps);
    }

    void print_steps(const std::string& title, ChunkIndex first) {
        std::vector<std::pair<std::string, ChunkIndex>> open = {{title, first}};
        while (!open.empty()) {
            const auto [name, index] = std::move(open.back());
            open.pop_back();
            print_chunk(name, index);
            std::vector<std::pair<std::string, ChunkIndex>> nested;
            for (const auto word : module_.chunks[index].code) {
                const auto kind = opcode_info(word.opcode()).b;
                if (kind == OperandKind::StepRef) {
                    const auto& step = module_.steps[word.bx()];
                    nested.emplace_back("step " + quoted(string(step.name)) + " [" + string(step.type) +
                                            "] at " + string(step.key_path) +
                                            (step.ignore_error ? ", errors ignored" : ""),
                                        step.chunk);
                } else if (kind == OperandKind::LoopRef) {
                    nested.emplace_back("each " + string(module_.loops[word.bx()].item),
                                        module_.loops[word.bx()].chunk);
                } else if (kind == OperandKind::ChunkRef) {
                    nested.emplace_back(word.opcode() == Opcode::BranchTrue ? "then" : "else", word.bx());
                }
            }
            open.insert(open.end(), std::make_move_iterator(nested.rbegin()),
                        std::make_move_iterator(nested.rend()));
        }
    }

    void print_scope(const Scope& scope) {
        if (!scope.slots.empty()) out_ += "  variables " + names(scope.slots) + "\n";
        print_markers(scope.markers);
        if (scope.declarations != kNone) print_chunk("declarations", scope.declarations);
        for (const auto& start : scope.starts) {
            const auto& effect = module_.effect_refs[start.effect];
            out_ += "  start " + qualified(effect.module, string(effect.name));
            if (start.alias != kNone) out_ += " as " + string(start.alias);
            for (auto other : start.waits_for)
                out_ += ", after " + start_name(scope, other);
            out_ += "\n";
            if (start.overlay != kNone) print_chunk("overlay", start.overlay);
        }
        for (const auto& block : scope.blocks) {
            const auto& frame = scope.frames[block.frame];
            std::string name = frame.start == kNone ? "" : start_name(scope, frame.start) + ".";
            print_chunk("shell " + name + string(frame.name), block.chunk);
        }
        if (scope.cleanup != kNone) print_chunk("cleanup", scope.cleanup);
    }

    void print_markers(const std::vector<Marker>& markers) {
        for (const auto& marker : markers) {
            if (marker.condition == kNone) {
                out_ += "  marker # " + string(marker.text) + "\n";
            } else {
                print_chunk("marker # " + string(marker.text), marker.condition);
            }
        }
    }

    void print_chunk(const std::string& title, ChunkIndex index) {
        const auto& chunk = module_.chunks[index];
        const auto count = is_of_workflow(chunk.kind) ? chunk.document_count : chunk.register_count;
        out_ += "  " + title + ": " + std::to_string(count) +
                (is_of_workflow(chunk.kind) ? " document" : "") +
                (count == 1 ? " register\n" : " registers\n");
        std::uint32_t line = 0;
        for (std::size_t i = 0; i < chunk.code.size(); ++i) {
            auto here = chunk.spans[i].line;
            if (here != line && here >= 1 && here <= lines_.size()) {
                auto source = lines_[here - 1];
                auto indent = std::min(source.find_first_not_of(" \t"), source.size());
                out_ += "        ; " + std::string(source.substr(indent)) + "\n";
            }
            line = here;
            print_instruction(i, here, chunk, chunk.code[i]);
        }
    }

    void print_instruction(std::size_t index, std::uint32_t line, const Chunk& chunk, Instruction word) {
        const auto& info = opcode_info(word.opcode());
        std::vector<std::string> operands;
        auto add = [&](std::string text) {
            if (!text.empty()) operands.push_back(std::move(text));
        };
        if (info.d == OperandKind::Comparison) add(std::string(comparison_name(word.d())));
        add(operand(info.a, word.a(), chunk, info, word));
        add(operand(info.b, info.format == Format::ABx ? word.bx() : word.b(), chunk, info, word));
        if (info.format == Format::ABC) add(operand(info.c, word.c(), chunk, info, word));

        std::string text = right_aligned(index, 6) + right_aligned(line, 6) + "  ";
        text += operands.empty() ? std::string(info.name) : padded(std::string(info.name), 16);
        for (std::size_t i = 0; i < operands.size(); ++i)
            text += (i == 0 ? "" : ", ") + operands[i];
        out_ += text + "\n";
    }

    /// Empty when there is nothing to show.
    std::string operand(OperandKind kind, std::uint32_t value, const Chunk& chunk, const OpcodeInfo& info,
                        Instruction word) const {
        switch (kind) {
            case OperandKind::None:
            case OperandKind::TimeKind:
            case OperandKind::Comparison:
                return "";
            case OperandKind::DocumentDst:
            case OperandKind::DocumentSrc:
            case OperandKind::DocumentDstSrc:
                return "d" + std::to_string(value);
            case OperandKind::DocumentSrcBase:
                return run("d", value, word.c());
            case OperandKind::TemplateFunction: {
                const auto& reference = module_.template_functions[value];
                return string(reference.name) + "/" + std::to_string(reference.arity);
            }
            case OperandKind::StepRef:
                return quoted(string(module_.steps[value].name));
            case OperandKind::LoopRef:
                return string(module_.loops[value].item);
            case OperandKind::WorkflowRef:
                return workflow(module_.workflow_refs[value]);
            case OperandKind::ChunkRef:
                return "chunk " + std::to_string(value);
            case OperandKind::Dst:
            case OperandKind::Src:
            case OperandKind::DstSrc:
                return "r" + std::to_string(value);
            case OperandKind::SrcBase:
                return run("r", value, word.c());
            case OperandKind::Count:
                if (info.b == OperandKind::SrcBase || info.b == OperandKind::DocumentSrcBase) return "";
                return run(info.b == OperandKind::TemplateFunction ? "d" : "r", word.a() + 1, value);
            case OperandKind::KString:
                return quoted(string(value));
            case OperandKind::KPattern:
                return slashed(module_.patterns[value]);
            case OperandKind::KDuration:
                return time(static_cast<TimeoutKind>(word.d()), value);
            case OperandKind::Slot:
                return string(module_.scopes[chunk.scope].slots[value]);
            case OperandKind::AliasVariable:
                return alias_variable(module_.scopes[chunk.scope], value);
            case OperandKind::FunctionRef: {
                const auto& reference = module_.function_refs[value];
                return qualified(reference.module, string(reference.name)) + "/" +
                       std::to_string(reference.arity);
            }
            case OperandKind::NativeRef: {
                const auto& reference = module_.native_refs[value];
                return string(reference.name) + "/" + std::to_string(reference.arity);
            }
            case OperandKind::CaptureNumber:
                return "$" + std::to_string(value);
        }
        RELUX_UNREACHABLE("operand kind out of range");
    }

    static std::string run(const std::string& letter, std::uint32_t first, std::uint32_t count) {
        if (count == 0) return "";
        auto text = letter + std::to_string(first);
        return count == 1 ? text : text + ".." + letter + std::to_string(first + count - 1);
    }

    std::string workflow(const WorkflowRef& reference) const {
        auto text = reference.module == kNone ? "workflow " : string(reference.module) + ":";
        text += std::to_string(reference.workflow);
        if (reference.target != kNone) text += " step " + quoted(string(reference.target));
        return text;
    }

    std::string time(TimeoutKind kind, std::uint32_t duration) const {
        if (kind == TimeoutKind::None) return "";
        return (kind == TimeoutKind::Tolerance ? "~" : "@") +
               format_duration(Duration(module_.durations[duration]));
    }

    std::string qualified(StringIndex module, const std::string& name) const {
        return module == kNone ? name : string(module) + ":" + name;
    }

    std::string alias_variable(const Scope& scope, std::uint32_t index) const {
        const auto& variable = scope.alias_variables[index];
        return start_name(scope, variable.start) + "." + string(variable.name);
    }

    std::string start_name(const Scope& scope, std::uint32_t index) const {
        const auto& start = scope.starts[index];
        return string(start.alias != kNone ? start.alias : module_.effect_refs[start.effect].name);
    }

    std::string names(const std::vector<StringIndex>& indexes) const {
        std::string text;
        for (auto index : indexes)
            text += (text.empty() ? "" : ", ") + string(index);
        return text;
    }

    const Module& module_;
    std::vector<std::string_view> lines_;
    std::string out_;
};

}  // namespace

std::string disassemble(const Module& module) {
    return Disassembler(module).text();
}

}  // namespace relux::bytecode

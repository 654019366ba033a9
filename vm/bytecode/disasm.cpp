// Text of a module for people: functions, effects and tests in source order, each chunk with the source lines
// its instructions were made from. The module must have passed the verifier.
#include <algorithm>
#include <cstdio>
#include <functional>

#include "vm/bytecode/module_file.h"
#include "vm/bytecode/module_text.h"
#include "vm/bytecode/quoted.h"

namespace relux::bytecode {

namespace {

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
    explicit Disassembler(const Module& module)
        : module_(module), text_(module), lines_(lines_of(module.source)) {}

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
        out_ += "\ntest " + quoted_text(string(scope.name));
        if (test.timeout_kind != TimeoutKind::None) out_ += " " + text_.time(test.timeout_kind, test.timeout);
        out_ += "\n";
        if (test.docstring != kNone) out_ += "  docstring " + quoted_text(string(*test.docstring)) + "\n";
        print_scope(scope);
    }

    /// Steps where they run first: a step's own chunk, then those of its branches or its loop.
    void print_workflow(std::uint32_t index) {
        const auto& workflow = module_.workflows[index];
        const bool runs = std::any_of(module_.tests.begin(), module_.tests.end(),
                                      [&](const Test& test) { return test.workflow == index; });
        out_ += "\nworkflow " + quoted_text(string(workflow.name)) +
                (runs ? "\n" : ", to be called or included\n");
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
                    nested.emplace_back("step " + quoted_text(string(step.name)) + " [" + string(step.type) +
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
        if (scope.declarations != kNone) print_chunk("declarations", *scope.declarations);
        for (const auto& start : scope.starts) {
            const auto& effect = module_.effect_refs[start.effect];
            out_ += "  start " + text_.qualified(effect.module, effect.name);
            if (start.alias != kNone) out_ += " as " + string(*start.alias);
            for (auto other : start.waits_for)
                out_ += ", after " + start_name(scope, other);
            out_ += "\n";
            if (start.overlay != kNone) print_chunk("overlay", *start.overlay);
        }
        for (const auto& block : scope.blocks) {
            const auto& frame = scope.frames[block.frame];
            std::string name = frame.start == kNone ? "" : start_name(scope, frame.start) + ".";
            print_chunk("shell " + name + string(frame.name), block.chunk);
        }
        if (scope.cleanup != kNone) print_chunk("cleanup", *scope.cleanup);
    }

    void print_markers(const std::vector<Marker>& markers) {
        for (const auto& marker : markers) {
            if (marker.condition == kNone) {
                out_ += "  marker # " + string(marker.text) + "\n";
            } else {
                print_chunk("marker # " + string(marker.text), *marker.condition);
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
            print_instruction(i, here, chunk);
        }
    }

    void print_instruction(std::size_t index, std::uint32_t line, const Chunk& chunk) {
        out_ +=
            right_aligned(index, 6) + right_aligned(line, 6) + "  " + text_.instruction(chunk, index) + "\n";
    }

    std::string string(StringIndex index) const { return text_.string(index); }
    std::string names(const std::vector<StringIndex>& indexes) const { return text_.names(indexes); }
    std::string start_name(const Scope& scope, std::uint32_t index) const {
        return text_.start_name(scope, index);
    }

    const Module& module_;
    ModuleText text_;
    std::vector<std::string_view> lines_;
    std::string out_;
};

}  // namespace

std::string disassemble(const Module& module) {
    return Disassembler(module).text();
}

}  // namespace relux::bytecode

#include "tests/support/workflow_maker.h"

#include <algorithm>

#include "vm/bytecode/opcode.h"
#include "vm/value/function.h"

namespace relux::test_support {

namespace {

constexpr std::uint32_t kMostInstructions = 10, kDeepest = 4, kMostSteps = 12;
// Documents, texts and paths are made of these.
constexpr std::string_view kDocuments[] = {
    "[1,\"a\",null]", "{\"a\":{\"b\":[true]}}", "\"a\"", "$.a.b[0]", "a", "3", "$[*]", "..a", "{", "v"};
constexpr std::string_view kPaths[] = {"$.a.b[0]", "a", "3", "$[*]", "..a", "v", "res.a"};

class WorkflowMaker {
  public:
    WorkflowMaker(Choices& choices, Numbers& numbers, ModuleBuilder& builder)
        : choices_(choices), numbers_(numbers), builder_(builder) {}

    void make() {
        for (const auto text : kDocuments)
            builder_.string(text);
        for (const auto text : kPaths)
            builder_.path(text);
        const auto functions = value::functions();
        for (auto left = 1 + choices_.below(3); left > 0; --left) {
            const auto& function = functions[choices_.below(functions.size())];
            const auto more = static_cast<std::size_t>(function.minimum_arity) + choices_.below(2);
            const auto arity = function.takes(more) ? more : static_cast<std::size_t>(function.minimum_arity);
            module().template_functions.push_back(
                {builder_.string(function.name),
                 static_cast<std::uint16_t>(numbers_(static_cast<std::uint32_t>(arity)))});
        }
        const auto count = 1 + choices_.below(2);
        // Any of them may call any, itself too.
        for (std::uint32_t i = 0; i < count; ++i) {
            module().workflow_refs.push_back(
                {numbers_(kNone), numbers_(i), numbers_(kNone), numbers_(kNone)});
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            Workflow made;
            made.name = string();
            made.setup = chunk(ChunkKind::Setup, 0);
            made.steps = chunk(ChunkKind::Steps, 0);
            made.span = make_span(choices_, numbers_);
            module().workflows.push_back(made);
            add_test(i);
        }
    }

  private:
    Module& module() { return builder_.module; }
    std::uint32_t string() { return numbers_(choices_.below(module().strings.size())); }

    void add_test(std::uint32_t workflow) {
        Scope scope;
        scope.name = string();
        module().scopes.push_back(scope);
        Test test;
        test.scope = numbers_(static_cast<std::uint32_t>(module().scopes.size() - 1));
        test.workflow = numbers_(workflow);
        module().tests.push_back(test);
    }

    std::uint32_t step(std::uint32_t depth) {
        Step made;
        made.name = string();
        made.type = string();
        made.key_path = string();
        made.ignore_error = choices_.one_in(2);
        made.chunk = chunk(ChunkKind::Step, depth + 1);
        made.span = make_span(choices_, numbers_);
        module().steps.push_back(made);
        return static_cast<std::uint32_t>(module().steps.size() - 1);
    }

    std::uint32_t loop(std::uint32_t depth) {
        const Loop made{string(), chunk(ChunkKind::Steps, depth + 1)};
        module().loops.push_back(made);
        return static_cast<std::uint32_t>(module().loops.size() - 1);
    }

    std::uint32_t chunk(ChunkKind kind, std::uint32_t depth) {
        Chunk made;
        made.kind = kind;
        Code code{made, std::vector<bool>(1 + choices_.below(5), false), depth};
        for (auto left = choices_.below(kMostInstructions); left > 0; --left)
            instruction(code, static_cast<Opcode>(choices_.below(kOpcodeCount)));
        push(code, Opcode::Done, {});
        made.kind = static_cast<ChunkKind>(numbers_(static_cast<std::uint32_t>(kind)));
        made.document_count =
            static_cast<std::uint16_t>(numbers_(static_cast<std::uint32_t>(code.written.size())));
        module().chunks.push_back(std::move(made));
        return numbers_(static_cast<std::uint32_t>(module().chunks.size() - 1));
    }

    struct Code {
        Chunk& chunk;
        std::vector<bool> written;
        std::uint32_t depth;
    };
    struct Operands {
        std::uint32_t a = 0, b = 0, c = 0, d = 0;
    };

    void instruction(Code& code, Opcode op) {
        const auto& info = opcode_info(op);
        if ((info.effects & kWorkflow) == 0 || (info.effects & kEnds) != 0) return;
        if ((info.effects & kSteps) != 0 && code.chunk.kind != ChunkKind::Steps) return;
        if ((info.effects & kSuspends) != 0 && code.chunk.kind == ChunkKind::Setup) return;
        Operands chosen;
        if (info.d == OperandKind::TimeKind) chosen.d = choices_.below(3);
        if (info.d == OperandKind::Comparison) chosen.d = choices_.below(kComparisonCount);
        const bool possible = info.c == OperandKind::Count ? run(code, info, chosen)
                                                           : operand(code, info.a, chosen.a, chosen) &&
                                                                 operand(code, info.b, chosen.b, chosen) &&
                                                                 operand(code, info.c, chosen.c, chosen);
        if (possible) push(code, op, chosen);
    }

    bool run(Code& code, const OpcodeInfo& info, Operands& chosen) {
        const auto count = static_cast<std::uint32_t>(code.written.size());
        if (info.b == OperandKind::DocumentSrcBase) {
            chosen.a = choices_.below(count);
            chosen.b = choices_.below(count);
            chosen.c = choices_.below(count - chosen.b + 1);
            load(code, chosen.b, chosen.c);
            return true;
        }
        chosen.b = choices_.below(module().template_functions.size());
        chosen.c = module().template_functions[chosen.b].arity;
        if (chosen.c >= count) return false;
        chosen.a = choices_.below(count - chosen.c);
        load(code, chosen.a + 1, chosen.c);
        return true;
    }

    bool operand(Code& code, OperandKind kind, std::uint32_t& value, const Operands& chosen) {
        const bool nests = code.depth < kDeepest && module().steps.size() < kMostSteps;
        using Kind = OperandKind;
        const auto one_of = [&](std::size_t count) {
            value = choices_.below(count);
            return true;
        };
        if (kind == Kind::None) return true;
        if (reads(kind, RegisterFile::Documents)) {
            one_of(code.written.size());
            load(code, value, 1);
            return true;
        }
        if (writes(kind, RegisterFile::Documents)) return one_of(code.written.size());
        if (kind == Kind::KString) return one_of(module().strings.size());
        if (kind == Kind::KPath) return one_of(module().paths.size());
        if (kind == Kind::KDuration) return chosen.d == 0 || one_of(module().durations.size());
        if (kind == Kind::WorkflowRef) return one_of(module().workflow_refs.size());
        if (!nests) return false;
        if (kind == Kind::StepRef) {
            value = step(code.depth);
        } else if (kind == Kind::LoopRef) {
            value = loop(code.depth);
        } else if (kind == Kind::ChunkRef) {
            value = chunk(ChunkKind::Steps, code.depth + 1);
        } else {
            return false;
        }
        return true;
    }

    /// Constants into those of the registers that have not been written.
    void load(Code& code, std::uint32_t first, std::uint32_t count) {
        for (auto index = first; index < first + count; ++index) {
            if (code.written[index]) continue;
            const auto text = builder_.string(kDocuments[choices_.below(std::size(kDocuments))]);
            push(code, choices_.one_in(3) ? Opcode::Text : Opcode::Document, {index, text, 0, 0});
        }
    }

    void push(Code& code, Opcode op, const Operands& chosen) {
        const auto& info = opcode_info(op);
        const auto number = static_cast<Opcode>(numbers_(static_cast<std::uint32_t>(op)));
        const auto a = numbers_(chosen.a), b = numbers_(chosen.b), d = numbers_(chosen.d);
        code.chunk.code.push_back(info.format == Format::ABx
                                      ? Instruction::abx(number, a, b, d)
                                      : Instruction::abc(number, a, b, numbers_(chosen.c), d));
        code.chunk.spans.push_back(make_span(choices_, numbers_));
        if (writes(info.a, RegisterFile::Documents)) code.written[chosen.a] = true;
    }

    Choices& choices_;
    Numbers& numbers_;
    ModuleBuilder& builder_;
};

}  // namespace

void make_workflows(Choices& choices, Numbers& numbers, ModuleBuilder& builder) {
    WorkflowMaker(choices, numbers, builder).make();
}

}  // namespace relux::test_support

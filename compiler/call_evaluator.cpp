// A second, small interpreter: over the IR, because a module that is being compiled can't be linked yet, and
// for the dozen instructions of pure functions only. The built-ins are the machine's own.
#include "compiler/call_evaluator.h"

#include "frontend/resolve.h"
#include "vm/base/assert.h"
#include "vm/base/text.h"
#include "vm/exec/host.h"
#include "vm/exec/natives.h"

namespace relux::compiler {
namespace {

using bytecode::Opcode;
using ir::Register;

/// Built-ins that depend on their arguments alone ask for nothing.
class NoHost final : public exec::Host {
  public:
    std::optional<std::string_view> base_environment(std::string_view) override { return nothing(); }
    Result<int> available_port() override { return nothing(), 0; }
    std::int64_t wall_clock_nanoseconds() override { return nothing(), 0; }
    void random_bytes(std::span<unsigned char>) override { nothing(); }
    Result<exec::SearchAnswer> search(std::string_view, std::string_view) override {
        return nothing(), Error{};
    }
    void note(const exec::Note&) override { nothing(); }

  private:
    static std::optional<std::string_view> nothing() {
        RELUX_UNREACHABLE("a constant built-in asks the world");
    }
};

}  // namespace

Known CallEvaluator::evaluate(const ir::Instruction& call, const std::vector<std::string_view>& arguments) {
    code_.clear();
    refusal_.clear();
    steps_ = 0;
    depth_ = 0;
    const Known value = this->call(call, arguments, call.arguments);
    if (!value || code_.size() <= EvaluationLimits::kInstructions) return value;
    refuse("it takes too many steps");
    return std::nullopt;
}

ir::Instruction& CallEvaluator::emit(Opcode opcode, frontend::SourceRange range) {
    ir::Instruction& instruction = code_.push_back({});
    instruction.opcode = opcode;
    instruction.range = range;
    return instruction;
}

Register CallEvaluator::load(std::string_view text, frontend::SourceRange range) {
    ir::Instruction& load = emit(Opcode::LoadK, range);
    load.a = chunk_.register_count++;
    load.text = text;
    return load.a;
}

bool CallEvaluator::refuse(std::string why) {
    refusal_ = std::move(why);
    return false;
}

Known CallEvaluator::call(const ir::Instruction& call, const Arguments& arguments, List<Register> registers) {
    return call.opcode == Opcode::CallNative ? native(call, arguments, registers)
                                             : user_function(call, arguments, registers);
}

Known CallEvaluator::user_function(const ir::Instruction& call, const Arguments& arguments,
                                   List<Register> registers) {
    const auto& symbol = call.target->function;
    if (!symbol.syntax().pure) return std::nullopt;
    const std::string name = frontend::signature(symbol.syntax().name.text, arguments.size());
    if (symbol.module != module_.source) {
        refuse(name + " is a function of " + symbol.module->name +
               ", whose body may change without this module being compiled again");
        return std::nullopt;
    }
    // A function that a block or the like calls stands at depth 1. How deep a function stands is known at run
    // time only, and at the limit of the depth the failure shows which call was one too many.
    const bool in_function =
        chunk_.kind == bytecode::ChunkKind::Function || chunk_.kind == bytecode::ChunkKind::PureFunction;
    if (depth_ + 1 > (in_function ? 1 : EvaluationLimits::kDepth)) {
        refuse(in_function ? "inside a function, calls that call further functions are left to run time"
                           : "calls stand too deep inside each other");
        return std::nullopt;
    }
    ir::Instruction& note = emit(Opcode::NoteCall, call.range);
    note.a = chunk_.register_count++;
    note.arguments = registers;
    note.target = call.target;
    ++depth_;
    const Known value = body(module_.chunks[module_.functions[symbol.index].chunk], arguments);
    --depth_;
    if (!value) return std::nullopt;
    const Register result = load(*value, call.range);
    emit(Opcode::NoteReturn, call.range).a = result;
    return value;
}

Known CallEvaluator::native(const ir::Instruction& call, const Arguments& arguments,
                            List<Register> registers) {
    const auto* native = exec::find_native(call.target->builtin->name, static_cast<int>(arguments.size()));
    RELUX_ASSERT(native != nullptr, "a built-in that was resolved");
    if (!native->constant) {
        if (native->kind == exec::NativeKind::Pure && !arguments.empty())
            refuse("the value of " + std::string(native->name) + " depends on more than its arguments");
        return std::nullopt;
    }
    std::vector<exec::Value> values;
    for (const auto argument : arguments) {
        // The machine may run where Unicode's tables are of another version, and say otherwise.
        if (!is_ascii(argument)) {
            refuse("an argument of " + std::string(native->name) + " is not ASCII");
            return std::nullopt;
        }
        values.emplace_back(argument);
    }
    NoHost host;
    exec::NativeCall native_call{values, host};
    const auto result = native->function(native_call);
    if (!result) {
        refuse("it fails: " + result.error().message);
        return std::nullopt;
    }
    if (result->view().size() > EvaluationLimits::kText) {
        refuse("a text of more than " + std::to_string(EvaluationLimits::kText) + " bytes");
        return std::nullopt;
    }
    ir::Instruction& note = emit(Opcode::NoteNative, call.range);
    note.a = chunk_.register_count++;
    note.arguments = registers;
    note.target = call.target;
    const std::string_view value = module_.add_text(result->view());
    const Register loaded = load(value, call.range);
    emit(Opcode::NoteReturn, call.range).a = loaded;
    return value;
}

Known CallEvaluator::body(const ir::Chunk& function, const Arguments& arguments) {
    std::vector<std::string_view> values(function.register_count);
    std::copy(arguments.begin(), arguments.end(), values.begin());
    for (const ir::Instruction& instruction : function.code) {
        if (++steps_ > EvaluationLimits::kSteps || code_.size() > EvaluationLimits::kInstructions) {
            refuse("it takes too many steps");
            return std::nullopt;
        }
        if (instruction.opcode == Opcode::Return) return values[instruction.a];
        if (!step(instruction, values)) return std::nullopt;
    }
    RELUX_UNREACHABLE("a function that does not end");
}

bool CallEvaluator::step(const ir::Instruction& instruction, std::vector<std::string_view>& values) {
    using enum Opcode;
    const auto op = instruction.opcode;
    if (op == LoadK) {
        values[instruction.a] = instruction.text;
    } else if (op == Move) {
        values[instruction.a] = values[instruction.b];
    } else if (op == Concat) {
        const Known text = joined(instruction, values);
        if (!text) return false;
        values[instruction.a] = *text;
        emit(NoteText, instruction.range).text = *text;
    } else if (op == NoteString) {
        emit(op, instruction.range).text = instruction.text;
    } else if (op == NoteLet || op == NoteAssign || op == NoteRead) {
        const Register value = load(values[instruction.a], instruction.range);
        ir::Instruction& note = emit(op, instruction.range);
        note.a = value;
        note.text = instruction.text;
    } else if (op == Call || op == CallNative) {
        return nested_call(instruction, values);
    } else if (op == AssertEq) {
        return assert_equal(instruction, values);
    } else if (op == EnvBase) {
        return refuse("it reads " + std::string(instruction.text) + " from the environment");
    } else {
        return refuse("it matches a pattern");
    }
    return true;
}

Known CallEvaluator::joined(const ir::Instruction& concat, const std::vector<std::string_view>& values) {
    std::string text;
    for (const Register argument : concat.arguments) {
        text += values[argument];
        if (text.size() <= EvaluationLimits::kText) continue;
        refuse("a text of more than " + std::to_string(EvaluationLimits::kText) + " bytes");
        return std::nullopt;
    }
    return module_.add_text(text);
}

bool CallEvaluator::nested_call(const ir::Instruction& instruction, std::vector<std::string_view>& values) {
    Arguments arguments;
    GrowingList<Register> registers(*module_.memory);
    for (const Register argument : instruction.arguments) {
        arguments.push_back(values[argument]);
        registers.push_back(load(values[argument], instruction.range));
    }
    const Known value = call(instruction, arguments, registers.list());
    if (value) values[instruction.a] = *value;
    return value.has_value();
}

bool CallEvaluator::assert_equal(const ir::Instruction& instruction,
                                 const std::vector<std::string_view>& values) {
    if (values[instruction.a] != values[instruction.b]) return refuse("it fails: an assertion does not hold");
    const Register value = load(values[instruction.a], instruction.range);
    const Register wanted = load(values[instruction.b], instruction.range);
    ir::Instruction& assertion = emit(Opcode::AssertEq, instruction.range);
    assertion.a = value;
    assertion.b = wanted;
    return true;
}

}  // namespace relux::compiler

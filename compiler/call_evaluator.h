// Calls of pure functions by the compiler: the value, and the code that tells the same events. A call takes a
// bounded number of steps and makes texts of bounded size, or is left to run time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir.h"

namespace relux::compiler {

/// A value, when it is known.
using Known = std::optional<std::string_view>;

struct EvaluationLimits {
    static constexpr std::size_t kText = 4096;        ///< bytes of one text
    static constexpr std::uint32_t kSteps = 1000;     ///< instructions, of all calls inside the call
    static constexpr std::size_t kInstructions = 32;  ///< that take the place of the call
    static constexpr std::uint32_t kDepth = 8;        ///< calls inside each other
};

class CallEvaluator {
  public:
    /// `module` gets the texts; its chunks are what lower() has made of them. The code is for `chunk`, which
    /// gets registers for it, and is put into `code`.
    CallEvaluator(ir::Module& module, ir::Chunk& chunk, GrowingList<ir::Instruction>& code)
        : module_(module), chunk_(chunk), code_(code) {}

    /// The value of a call whose arguments are in their registers already; nothing: see refusal().
    Known evaluate(const ir::Instruction& call, const std::vector<std::string_view>& arguments);

    /// Code that takes the place of the call that was evaluated last. The last two instructions load the
    /// value and end the call with it.
    GrowingList<ir::Instruction>& code() { return code_; }
    /// Why the last call is left to run time, as the end of a sentence; empty when nobody would expect more.
    const std::string& refusal() const { return refusal_; }

  private:
    using Arguments = std::vector<std::string_view>;

    Known call(const ir::Instruction& call, const Arguments& arguments, List<ir::Register> registers);
    Known user_function(const ir::Instruction& call, const Arguments& arguments,
                        List<ir::Register> registers);
    Known native(const ir::Instruction& call, const Arguments& arguments, List<ir::Register> registers);
    Known body(const ir::Chunk& function, const Arguments& arguments);
    bool step(const ir::Instruction& instruction, std::vector<std::string_view>& values);
    bool nested_call(const ir::Instruction& instruction, std::vector<std::string_view>& values);
    bool assert_equal(const ir::Instruction& instruction, const std::vector<std::string_view>& values);
    Known joined(const ir::Instruction& concat, const std::vector<std::string_view>& values);

    ir::Instruction& emit(bytecode::Opcode opcode, frontend::SourceRange range);
    ir::Register load(std::string_view text, frontend::SourceRange range);
    bool refuse(std::string why);

    ir::Module& module_;
    ir::Chunk& chunk_;
    GrowingList<ir::Instruction>& code_;
    std::string refusal_;
    std::uint32_t steps_ = 0;
    std::uint32_t depth_ = 0;  ///< of user functions
};

}  // namespace relux::compiler

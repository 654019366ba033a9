// The state of one line of execution between two waits: frames, registers, captures. A Fiber never runs by
// itself: interp.h runs it until it finishes, fails or must wait, and resume_with() puts the answer in.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/bytecode/module.h"
#include "vm/exec/exit.h"
#include "vm/exec/program.h"
#include "vm/exec/value.h"

namespace relux::exec {

/// The variables of one test or of one instance of an effect, and how its overlays are read.
/// Implemented by vm/run; outlives every Fiber that points to it.
class ScopeContext {
  public:
    virtual ~ScopeContext() = default;
    std::vector<Value> slots;  ///< Scope::slots, same indexes
    /// Overlays of this instance and of those that started it, then the base environment; empty when unset.
    virtual Value environment(std::string_view name) = 0;
    /// The exposed variable; its start has been set up.
    virtual Value alias_variable(const bytecode::AliasVariable& variable) = 0;
};

/// The groups of the last regex match in a frame. A missing group is empty.
using Captures = std::vector<Value>;

struct CallFrame {
    const LinkedModule* module = nullptr;
    const bytecode::Chunk* chunk = nullptr;
    const bytecode::Function* function = nullptr;  ///< null for the outermost frame
    std::uint32_t pc = 0;      ///< next instruction; while suspended or failed, the one that is executing
    std::uint32_t base = 0;    ///< first register in Fiber::registers
    std::uint32_t result = 0;  ///< caller's register for the result, relative to the caller's base
    Captures captures;
};

class WorkflowState;
struct WorkflowFrame;
struct FailedStep;

/// All that a workflow gets from outside.
struct WorkflowInput {
    std::map<std::string, std::string> environment;        ///< its oldest variables
    std::function<std::int64_t()> wall_clock_nanoseconds;  ///< since the beginning of 1970, in UTC
    std::size_t deepest_call = 100;                        ///< of workflows by workflows
    /// A search that takes long is an exits::Search: WorkflowAccess::left_search().
    bool leaves_long_searches = false;
};

class Fiber {
  public:
    Fiber();
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    /// Starts `chunk` as the outermost frame. Registers below `persistent` and the captures keep what they
    /// held (a shell's variables across its blocks); the others start empty. What was running is dropped,
    /// `overlay` is emptied. `scope` may be null for a chunk without one, else it has a value for each of the
    /// scope's slots. The Program must outlive the Fiber.
    void enter(const LinkedModule& module, const bytecode::Chunk& chunk, ScopeContext* scope,
               std::uint16_t persistent);

    /// Starts a workflow: its set-up, then its steps. What was running is dropped.
    void enter_workflow(const LinkedModule& module, const bytecode::Workflow& workflow, WorkflowInput input);
    /// The state of the workflow that was entered last (workflow_state.h); null: none was.
    WorkflowState* workflow() const { return workflow_.get(); }

    /// Deeper calls than this are a run-time failure (language 9).
    static constexpr std::size_t kMaximumDepth = 1000;

    /// Answers the Exit that run() returned: the value of its destination register, and for a regex match the
    /// captures. Must be called exactly once before the next run().
    void resume_with(Value value);
    void resume_with(Value value, Captures captures);

    const std::vector<CallFrame>& frames() const { return frames_; }
    bool finished() const { return frames_.empty(); }
    /// Its parameters as they are now; `frame` is one of frames() that has a function.
    std::span<const Value> parameters(const CallFrame& frame) const {
        return {registers_.data() + frame.base, frame.function->parameters.size()};
    }
    ScopeContext* scope() const { return scope_; }

    /// For an Overlay chunk: the entries that it has set, in order.
    std::vector<std::pair<std::string_view, Value>> overlay;

  private:
    friend class Execution;
    friend class WorkflowState;
    friend class WorkflowAccess;
    /// Something that must happen before the next instruction runs.
    enum class Pending : std::uint8_t {
        Nothing,
        Answer,   ///< an Exit waits for resume_with()
        Failed,   ///< only enter() leads out
        Advance,  ///< the instruction is done, pc still points to it
    };
    Value* registers(const CallFrame& frame) { return registers_.data() + frame.base; }

    Pending pending_ = Pending::Nothing;
    std::vector<PatternSpec> multi_patterns_;  ///< collected for the next multi.wait
    std::vector<CallFrame> frames_;
    std::vector<Value> registers_;
    Captures shell_captures_;  ///< of the outermost frame, kept between its chunks
    ScopeContext* scope_ = nullptr;
    std::unique_ptr<WorkflowState> workflow_;
};

}  // namespace relux::exec

// The state that a Fiber holds besides frames while it runs a workflow: document registers, variables of the
// workflow and of those that it calls, and what is known of its steps. Documents are JSON values (vm/data).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vm/bytecode/module.h"
#include "vm/data/function.h"
#include "vm/data/path.h"
#include "vm/data/state_bag.h"
#include "vm/exec/fiber.h"

namespace relux::exec {

/// One for each of the fiber's frames.
struct WorkflowFrame {
    enum class Role : std::uint8_t {
        Workflow,  ///< the steps of the workflow that runs
        Called,    ///< those of one that it calls, with variables of its own
        Included,  ///< those of one that it includes
        Setup,
        Step,
        Branch,
        Loop,
    };
    Role role = Role::Workflow;
    std::size_t document_base = 0;  ///< the frame's d[0] in WorkflowState::documents

    // A Step has these:
    const bytecode::Step* step = nullptr;
    std::string title;                  ///< empty until it is known: then the name as written counts
    unsigned checks = 0;                ///< assertions that have been checked
    std::vector<std::string> problems;  ///< what was not found and what does not hold
    std::vector<std::string> cleanup;   ///< variables that go when the step has ended
    data::Json outputs;                 ///< of a shell step: `stdout_0` and so on, which paths find first

    // A Loop has these:
    const bytecode::Loop* loop = nullptr;
    data::Json list;
    std::size_t next = 0;  ///< the element after the one that runs
    std::optional<data::Json> outer_item;
    std::optional<data::Json> outer_index;

    // A Called has these: the one step to run, if not all.
    const LinkedModule* target_module = nullptr;
    const bytecode::Step* target = nullptr;
};

/// A step that has failed, when it has been left.
struct FailedStep {
    const LinkedModule* module = nullptr;
    const bytecode::Step* step = nullptr;
    std::string title;
    bool is_container = false;  ///< it is one whose nested step has failed
};

class WorkflowState {
  public:
    explicit WorkflowState(WorkflowInput input);

    /// `base_url`, `headers`, `http_debug`, `postgres_dsn`, `sqlite_path`, `redis_addr`, `redis_password`,
    /// `redis_db`, as far as they are configured.
    const data::Json& connections() const { return scopes_.back()->connections; }
    /// Sets, for the shell step that runs, the variables `stdout_0` and so on, which its paths find whatever
    /// its document is.
    void set_outputs(data::Json outputs);

  private:
    friend class Execution;
    friend class Fiber;
    friend class WorkflowAccess;

    struct Variables {
        data::StateBag bag;
        data::Json connections = data::Json::object();
    };
    data::StateBag& bag() { return scopes_.back()->bag; }
    void push_scope();
    /// A path that was computed, parsed once.
    Result<const data::Path*> path(std::string_view text);

    WorkflowInput input_;
    data::Context context_;
    std::vector<WorkflowFrame> frames_;
    std::vector<data::Json> documents_;
    std::vector<std::unique_ptr<Variables>> scopes_;  ///< of the workflow, then of each that is called
    std::unordered_map<std::string, data::Path> paths_;
    bool failed_within_ = false;  ///< a step that was left had failed because of one within it
};

/// Lets the interpreter, and those who answer its exits, change a fiber that runs a workflow.
class WorkflowAccess {
  public:
    explicit WorkflowAccess(Fiber& fiber) : fiber_(fiber), state_(*fiber.workflow_) {}

    /// The request of an exit that waits.
    const data::Json& request() const;
    /// Answers it; register A of its instruction.
    void resume_with(data::Json document);
    /// After an exits::Search: the search to run, on any thread. Once it has been, it is given back, and
    /// the next run() goes on with what it has found.
    std::shared_ptr<match::LongSearch> left_search() { return std::move(state_.context_.left_search); }
    void give_back(std::shared_ptr<const match::LongSearch> made) {
        state_.context_.made_searches.push_back(std::move(made));
    }
    /// After a failure, whatever the interpreter was doing: leaves the innermost step. Nothing when there is
    /// none, and then the workflow has ended. If the step's errors are to be ignored, say so with ignore();
    /// the next run() goes on behind it.
    std::optional<FailedStep> leave_failed_step();
    void ignore() { state_.failed_within_ = false; }

    WorkflowFrame& push(const LinkedModule& module, bytecode::ChunkIndex chunk, WorkflowFrame::Role role);
    /// The innermost frame's end; of a workflow that was called, its variables go with it.
    void pop();
    /// Before a Loop's frame ends: what its variables hid shows again.
    void restore_loop_variables();

  private:
    Fiber& fiber_;
    WorkflowState& state_;
};

}  // namespace relux::exec

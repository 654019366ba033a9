// One attempt at one test, from its declarations to its last cleanup (language 13).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "vm/exec/program.h"
#include "vm/io/task.h"
#include "vm/report/outcome.h"
#include "vm/run/attempt_context.h"
#include "vm/run/chunk_run.h"
#include "vm/run/markers.h"
#include "vm/run/scope_instance.h"
#include "vm/run/suite.h"

namespace relux::run {

class WorkflowRun;

class Attempt {
  public:
    /// `module` is that of `test`.
    Attempt(RunResources& resources, const TestCase& test, const exec::LinkedModule& module, int attempt);
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    ~Attempt();

    /// Fills everything of the result but path, name and the count of retries. When it returns, no process of
    /// the test is left.
    io::Task<void> run(report::TestResult& result);
    /// Whether the attempt, as things are, is to be followed by another one (language 13): it has failed, or
    /// its own time-out has ended it, the test is flaky, and may_retry() agrees.
    bool will_be_retried() const;
    /// Whether another attempt is allowed; null: no.
    std::function<bool()> may_retry;
    /// Called, at most once, at the moment when the outcome is `failed` for good. What was running has not
    /// been stopped yet.
    std::function<void()> on_failed;

    /// Instead of run(), or before it: starts the shells that the test will begin with, as far as that is
    /// known from its code. Nothing of the test runs.
    void start_early_shells();
    /// In the place of run(), after start_early_shells().
    io::Task<void> drop_early_shells() { co_await context_.shells().end_early(); }
    /// Called, at most once, when nothing has failed and nothing is left to do but to end shells.
    std::function<void()> on_winding_down;

    /// Before run(): the attempt begins. Shows it in the trace, if there is one, among the tests of `slot`.
    void begin(int slot, int attempt) {
        context_.recorder().begin();
        context_.begin_trace(slot, std::string(test_case_.path), std::string(test_case_.name), attempt);
    }
    /// After run(): masks the secrets in `result`, writes the reports of this attempt and counts it.
    io::Task<void> write_report(report::TestResult& result, int attempt);

    /// Stops the test from outside; its cleanups still run.
    void cancel(const report::Cancellation& why);
    /// Stops cleanups too and kills without grace.
    void kill();
    /// Where it is now.
    RunningTest describe() const;

  private:
    /// Where logs and artifacts go. Shells may look for them as soon as they start.
    std::error_code create_directories() const;
    void refuse_if_too_large();
    io::Task<void> run_body();
    void start_early_shells(const exec::LinkedModule& module, const bytecode::Scope& scope,
                            std::string_view effect, std::vector<exec::EffectTarget>& seen);
    void count_cleanups();
    void wind_down();
    io::Task<void> run_workflow();
    io::Task<void> set_up(ScopeInstance& instance);
    io::Task<void> start_effect(ScopeInstance& instance, std::size_t index);
    ScopeInstance& instance_for(ScopeInstance& starter, std::size_t index,
                                const std::vector<std::pair<std::string_view, exec::Value>>& overlay,
                                bool& fresh);
    /// Has the messages of a test that has several instances of an effect say which one they mean.
    void tell_apart(ScopeInstance& fresh);
    io::Task<bool> run_block(ScopeInstance& instance, const bytecode::Block& block);
    io::Task<bool> acquire(Shell& shell, Activity& activity);
    Shell& open_shell(ScopeInstance& instance, ShellPurpose purpose, std::string_view name,
                      Activity& activity, std::string label);
    io::Task<void> end_shells(std::vector<Shell*> shells);
    io::Task<void> end_shell(Shell& shell);
    std::uint32_t begin_setup(const ScopeInstance& starter, std::size_t index,
                              const std::vector<std::pair<std::string_view, exec::Value>>& overlay,
                              const ScopeInstance& effect, bool reuse);
    void record_exposes(ScopeInstance& instance);
    io::Task<void> clean_up();
    /// `parent`: the span that the block belongs to.
    io::Task<void> run_cleanup(ScopeInstance& instance, std::uint32_t parent);
    /// Gives back what the scope has started. `span`: of its own cleanup.
    void release(ScopeInstance& scope, std::uint32_t span);
    std::uint32_t record_release(const ScopeInstance& effect, const ScopeInstance::Acquired& use,
                                 std::uint32_t parent, bool deferred);
    std::vector<report::EnvironmentVariable> shown_environment();
    void fail_from(Shell& shell, report::Failure failure);
    void describe_running(report::Failure& failure) const;
    void fail_for_leftovers();
    void arm_test_timeout();
    void note_failed();
    report::OutcomeKind outcome_of(const report::Failure& failure) const;
    void explain_late();
    std::vector<std::string> explain(const report::Failure& failure, const Shell& shell) const;

    const TestCase& test_case_;
    const exec::LinkedModule& module_;
    const bytecode::Test& test_;
    const std::vector<ReachedMarker> markers_;
    AttemptContext context_;
    std::vector<std::unique_ptr<ScopeInstance>> instances_;  ///< [0] is the test; then in order of creation
    std::unordered_map<std::string, ScopeInstance*> by_identity_;
    std::unique_ptr<io::Timer> test_timer_;
    /// Effects in the order in which their set-up has ended, well or not.
    std::vector<ScopeInstance*> set_up_order_;
    std::unique_ptr<WorkflowRun> workflow_;
    std::vector<std::string> output_;
    Activity* cleanup_ = nullptr;  ///< of the cleanup that runs
    std::size_t cleanups_left_ = 0;
    bool killed_ = false;
    bool flaky_ = false;
};

}  // namespace relux::run

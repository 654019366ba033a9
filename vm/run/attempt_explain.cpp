// Says of a failure of an attempt what only the whole attempt knows.
#include "vm/run/attempt.h"
#include "vm/run/workflow_run.h"

namespace relux::run {

// The statement that ran, what it waited for, and what its shell has printed.
void Attempt::describe_running(report::Failure& failure) const {
    if (workflow_) {
        failure.chain = workflow_->chain();
        if (const auto what = workflow_->waiting_for(); !what.empty())
            failure.notes.push_back("it was " + what);
        return;
    }
    if (context_.chunk_runs.empty()) return;
    const auto& chunk_run = *context_.chunk_runs.back();
    failure.chain = chunk_run.chain();
    failure.span = chunk_run.current_span();
    const auto* shell = chunk_run.shell();
    if (shell == nullptr) return;
    shell->describe_output(failure);
    if (failure.kind == report::FailureKind::TestTimeout) shell->describe_state(failure);
    if (const auto what = shell->waiting_for(); !what.empty())
        failure.notes.push_back("shell '" + shell->name() + "' was " + what);
}

void Attempt::explain_late() {
    if (!context_.latch().failure() || context_.latch().failure()->kind != report::FailureKind::MatchTimeout)
        return;
    for (const auto& instance : instances_) {
        for (const auto& shell : instance->shells) {
            if (const auto late = shell->lateness())
                context_.latch().explain("it appeared " + describe_measured(*late) +
                                         " after the time-out, while the shells were being ended");
        }
    }
}

std::vector<std::string> Attempt::explain(const report::Failure& failure, const Shell& shell) const {
    std::vector<HeldOutput> others;
    for (const auto& instance : instances_) {
        for (const auto& other : instance->shells) {
            if (other.get() == &shell) continue;
            auto& held = others.emplace_back(other->held_output());
            if (instance->effect() == nullptr) continue;
            held.shell = instance->shown_name_of(*other);
            held.started = instance->started_at();
        }
    }
    return near_misses(failure.pattern, failure.pattern_is_regex, shell.held_output(), others);
}

}  // namespace relux::run

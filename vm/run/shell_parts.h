// The parts that the operations of one shell share: each has one job and knows only those before it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "vm/exec/interp.h"
#include "vm/report/outcome.h"
#include "vm/run/attempt_context.h"
#include "vm/run/shell_fail_watch.h"
#include "vm/run/shell_journal.h"
#include "vm/run/shell_output.h"
#include "vm/run/shell_process.h"
#include "vm/run/shell_timeouts.h"
#include "vm/run/shell_wait.h"

namespace relux::run {

/// Why the operation that runs fails, if it is not only stopped.
class OperationFailure {
  public:
    OperationFailure(const ShellJournal& journal, const ShellOutput& output)
        : journal_(journal), output_(output) {}

    /// With the output that there is. Valid until it is taken.
    report::Failure& set(report::FailureKind kind, std::string summary);
    /// The same with a summary of `runtime error in shell 'client': …`.
    report::Failure& set_runtime(const std::string& message);
    report::Failure& set_too_complex() { return set_runtime("pattern is too complex"); }
    explicit operator bool() const { return failure_.has_value(); }
    report::Failure* operator->() { return &*failure_; }
    report::Failure& operator*() { return *failure_; }
    std::optional<report::Failure> take() { return std::exchange(failure_, std::nullopt); }

  private:
    const ShellJournal& journal_;
    const ShellOutput& output_;
    std::optional<report::Failure> failure_;
};

struct ShellParts {
    /// `context` and `activity` outlive this.
    ShellParts(AttemptContext& context, const Activity& activity, std::string name, std::string log_name);

    AttemptContext& test;
    ShellWait wait;
    ShellTimeouts timeouts;
    ShellJournal journal;
    ShellProcess process;
    ShellOutput output;
    FailWatch fail_watch;
    OperationFailure failure;

    /// Nothing: the pattern is none, and the operation fails.
    std::shared_ptr<const match::Pattern> compile(const exec::PatternSpec& pattern);
    /// Neither takes input nor gives output any more.
    bool is_gone() const { return process.exit_status() || output.buffer().closed(); }
    /// The operation fails because the shell is gone. Waits for what is said of it: how it has ended.
    io::Task<void> fail_exited();
};

}  // namespace relux::run

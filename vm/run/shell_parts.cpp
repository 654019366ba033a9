#include "vm/run/shell_parts.h"

#include "vm/run/shell_patience.h"

namespace relux::run {

namespace {

/// The terminal closes a moment before the process can be waited for.
class ProcessEnd final : public Awaited {
  public:
    explicit ProcessEnd(const ShellParts& shell)
        : shell_(shell), patience_(add(shell.wait.now(), std::chrono::seconds(1))) {}
    std::optional<io::Time> look() override {
        if (shell_.process.exit_status() || shell_.wait.now() >= patience_ || shell_.wait.stopped())
            return std::nullopt;
        return patience_;
    }

  private:
    const ShellParts& shell_;
    io::Time patience_;
};

}  // namespace

report::Failure& OperationFailure::set(report::FailureKind kind, std::string summary) {
    auto& failure = failure_.emplace();
    failure.kind = kind;
    failure.summary = std::move(summary);
    failure.span = journal_.span();
    output_.describe(failure);
    return failure;
}

report::Failure& OperationFailure::set_runtime(const std::string& message) {
    return set(report::FailureKind::Runtime, "runtime error in shell '" + journal_.name() + "': " + message);
}

ShellParts::ShellParts(AttemptContext& context, const Activity& activity, std::string name,
                       std::string log_name)
    : test(context),
      wait(context.loop(), activity),
      timeouts(context),
      journal(context, std::move(name), std::move(log_name)),
      process(context),
      output(context, journal, process),
      fail_watch(context, wait, journal, output),
      failure(journal, output) {}

std::shared_ptr<const match::Pattern> ShellParts::compile(const exec::PatternSpec& pattern) {
    if (!pattern.is_regex) return match::Pattern::literal(pattern.text.view());
    auto compiled = test.resources().patterns.regex(pattern.text.view());
    if (compiled) return *std::move(compiled);
    failure.set(report::FailureKind::InvalidRegex, "invalid regex: " + compiled.error().message).pattern =
        pattern.text.view();
    return nullptr;
}

io::Task<void> ShellParts::fail_exited() {
    ProcessEnd end(*this);
    co_await wait.until_over(end);
    const auto& status = process.exit_status();
    std::string how = "closed its terminal";
    if (status) {
        how = "exited unexpectedly ";
        how += status->signalled ? "by signal " : "with exit code ";
        how += std::to_string(status->code);
    }
    auto& set = failure.set(report::FailureKind::ShellExited, "shell '" + journal.name() + "' " + how);
    if (status && !status->signalled) set.exit_code = status->code;
}

}  // namespace relux::run

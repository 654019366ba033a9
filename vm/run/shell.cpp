// The life of a shell, and what happens to it. Its matches are in shell_match.cpp.
#include "vm/run/shell.h"

#include <algorithm>
#include <utility>

#include "vm/base/text.h"
#include "vm/run/shell_patience.h"
#include "vm/run/shell_start.h"
#include "vm/run/shell_state.h"

namespace relux::run {

namespace {

/// Between hang-up and kill.
constexpr Duration kEndGrace = std::chrono::seconds(1);

/// The end of a process and of all that descends from it.
class NothingLeft final : public Awaited {
  public:
    explicit NothingLeft(const io::ShellIo& io) : io_(io) {}
    std::optional<io::Time> look() override {
        if (io_.ended()) return std::nullopt;
        return kNever;
    }

  private:
    const io::ShellIo& io_;
};

}  // namespace

Shell::Shell(AttemptContext& test, Activity& activity, ShellPurpose purpose, std::string name,
             std::string log_name, std::vector<std::string> environment)
    : activity_(activity),
      purpose_(purpose),
      own_name_(name),
      environment_(std::move(environment)),
      parts_(test, activity, std::move(name), std::move(log_name)),
      input_(parts_),
      late_look_(parts_.output) {
    parts_.fail_watch.on_hit = [this](ShellFailure failure) { on_fail_pattern(std::move(failure)); };
    activity_.join(*this);
}

Shell::~Shell() {
    activity_.leave(*this);
}

// Events of the process

void Shell::on_output(std::string_view bytes) {
    if (question_) {
        question_->answered(bytes);
        return wake();
    }
    const auto now = parts_.wait.now();
    parts_.journal.received(bytes, now);
    parts_.output.append(bytes, now);
    parts_.fail_watch.line().add(bytes);
    parts_.fail_watch.look();
    late_look_.arrived();
    parts_.output.release();
    wake();
}

void Shell::on_output_closed() {
    parts_.output.close();
    parts_.fail_watch.look();
    wake();
}

void Shell::on_exit(io::ExitStatus status) {
    parts_.process.exited(status, parts_.wait.now());
    wake();
}

// Operations

io::Task<bool> Shell::start() {
    ShellStart start(parts_, input_, *this);
    const bool good = co_await start.run(std::move(environment_));
    co_return good;
}

io::Task<bool> Shell::sleep(Duration duration) {
    const auto now = parts_.wait.now();
    const auto until = add(now, duration);
    const ShellWaiting told{ShellWaiting::Kind::Sleep, {}, now, until};
    const ShellJournal::WaitNote note(parts_.journal, told);
    parts_.journal.record(events::SleepStart{.duration = duration});
    const bool slept = co_await parts_.wait.until(until);
    parts_.journal.record(events::SleepDone{});
    co_return slept;
}

// Time-out and fail pattern

void Shell::set_timeout(const Timeout& timeout, std::string origin) {
    auto& timeouts = parts_.timeouts;
    const auto previous = timeouts.recorded(timeouts.in_force().timeout);
    timeouts.set(timeout, place(), std::move(origin));
    parts_.journal.record(
        events::TimeoutSet{.timeout = timeouts.recorded(timeouts.in_force().timeout), .previous = previous});
}

bool Shell::set_fail_pattern(const exec::PatternSpec& spec, std::string set_at) {
    auto pattern = parts_.compile(spec);
    if (!pattern) return false;
    parts_.journal.record(events::FailPatternSet{.pattern = spec.text.view(), .is_regex = spec.is_regex});
    parts_.fail_watch.set(std::move(pattern), std::move(set_at));
    return true;
}

void Shell::clear_fail_pattern() {
    parts_.journal.record(events::FailPatternCleared{});
    parts_.fail_watch.clear();
}

void Shell::restore_state(ShellState state) {
    parts_.timeouts.restore(std::move(state.timeout));
    parts_.fail_watch.restore(std::move(state.fail_pattern));
}

io::Task<void> Shell::finish_line() {
    co_await parts_.fail_watch.line().ended();
    parts_.fail_watch.line().close(on_fail_line);
}

// The end

void Shell::kill() {
    if (parts_.process.is_open() && ending_) parts_.process.io().end(Duration(0));
}

io::Task<void> Shell::end(bool now) {
    if (ended_ || !parts_.process.is_open()) co_return;
    auto& test = parts_.test;
    auto& line = parts_.fail_watch.line();
    co_await line.ended();
    if (!test.latch().interrupted()) line.close(on_fail_line);
    parts_.fail_watch.end();
    co_await ask_for_status();
    ending_ = true;
    const auto since = parts_.wait.now();
    test.recorder().record(parts_.journal.place_of_block(), events::ShellTerminate{.name = name()});
    auto& io = parts_.process.io();
    io.end(now ? Duration(0) : kEndGrace);
    NothingLeft nothing_left(io);
    co_await parts_.wait.until_over(nothing_left);
    ended_ = true;
    line.close(on_fail_line);
    parts_.journal.count_work(report::ShellWork::Ending, since);
    parts_.journal.ended();
    note_leftovers();
    input_.end();
    parts_.wait.end();
    co_await parts_.journal.close_log();
    parts_.process.close();
}

// Only the failure of this shell, which says already that it waits behind its prompt, is told more.
io::Task<void> Shell::ask_for_status() {
    auto& latch = parts_.test.latch();
    const auto& failure = latch.failure();
    if (!failure || failure->shell != name() || !failure->shell_state.starts_with(kAtPrompt) ||
        latch.interrupted() || purpose_ == ShellPurpose::Cleanup ||
        !StatusQuestion::may_be_asked(parts_, input_.reader()))
        co_return;
    question_ = std::make_unique<StatusQuestion>(parts_);
    question_->ask();
    co_await parts_.wait.until_over(*question_);
    const auto status = question_->status();
    const std::string typed = "relux itself typed `" + std::string(LastCommand::kQuestion) +
                              "` behind the prompt, after the test had failed: ";
    parts_.journal.record(events::Log{.message = typed + (status ? "it says " + *status : "no answer")});
    // An answer that comes later is no output of the test either.
    if (!status) co_return;
    question_.reset();
    latch.add_to_shell_state(", the command ended with status " + *status + " (" +
                             input_.reader().last_command().shown(parts_.test.secrets().search()) + ")");
}

void Shell::note_leftovers() {
    const auto& killed = parts_.process.io().killed();
    for (const auto& left : killed)
        note_leftover(left, "a process that had to be killed");
    // Services that are started as daemons, for their test to end, are none of our business by default.
    if (!parts_.test.settings().leftover_fails) return;
    for (const auto& daemon : parts_.process.io().daemons()) {
        const bool told = std::any_of(killed.begin(), killed.end(),
                                      [&daemon](const auto& left) { return left.pid == daemon.pid; });
        if (!told) note_leftover(daemon, "a daemon");
    }
}

void Shell::note_leftover(const io::LeftProcess& left, const char* what) {
    auto text = std::to_string(left.pid) + " " + visible(left.command_line, false) +
                input_.senders().sender_of(left, parts_.wait.now());
    parts_.journal.warn("shell '" + name() + "' left " + what + ": " + text);
    leftovers_.push_back({std::move(text)});
}

std::optional<Duration> Shell::lateness() {
    // Nobody reads about an attempt that is followed by another, or waits for it at an interrupt.
    if (parts_.test.latch().interrupted()) return std::nullopt;
    return late_look_.lateness();
}

// Messages

HeldOutput Shell::held_output() const {
    auto held = parts_.output.held();
    held.last_sent = input_.reader().last_line();
    held.prompt = parts_.output.prompts().prompt();
    return held;
}

void Shell::describe_state(ShellFailure& failure) const {
    failure.shell_state = run::describe_state(parts_, input_.reader(), parts_.journal.waits_since());
    if (failure.timeout && failure.timeout->timeout.is_assertion())
        failure.notes.push_back("at that moment the machine had " +
                                describe_load(parts_.test.resources().shared));
}

std::string Shell::command_asked_about() const {
    return input_.reader().last_command().asked_about(parts_.test.secrets().search());
}

void Shell::describe_command_output(ShellFailure& failure) const {
    describe_output(failure);
    const auto& output = parts_.output;
    input_.reader().last_command().describe_output(failure, output.buffer(), output.prompts().prompt(),
                                                   parts_.test.secrets().search());
}

std::string Shell::waiting_for() const {
    const auto& process = parts_.process;
    return parts_.journal.waiting_for(process.is_open() ? &process.io() : nullptr);
}

}  // namespace relux::run

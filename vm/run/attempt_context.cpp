// See attempt_context.h.
#include "vm/run/attempt_context.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sys/random.h>

#include "vm/base/shortened_text.h"
#include "vm/io/until_done.h"
#include "vm/run/chunk_run.h"
#include "vm/run/machine_load.h"
#include "vm/run/value_search.h"

namespace relux::run {

namespace {
/// Of output, in the event log of one attempt.
constexpr std::size_t kMostOutputRecorded = 4 * 1024 * 1024;
/// Of what a wait was for, in the statistics of the run; bytes.
constexpr std::size_t kLongestPattern = 1000;
/// Of unread output and events there is so much without asking how much memory there is.
constexpr std::size_t kSureMemory = std::size_t{64} << 20;
constexpr std::string_view kOwnerVariable = "__RELUX_SHELL_ID=";
}  // namespace

SharedResources::SharedResources(const RunSettings& settings)
    : ports(settings.port_range_start, settings.port_range_end),
      memory(settings.memory_limit != 0 ? settings.memory_limit : kSureMemory,
             [limit = settings.memory_limit] {
                 return limit != 0 ? limit : static_cast<std::size_t>(usable_memory() / 4);
             }) {}

void OpenShells::add() {
    const auto open = count_.fetch_add(1, std::memory_order_relaxed) + 1;
    auto most = most_.load(std::memory_order_relaxed);
    while (open > most && !most_.compare_exchange_weak(most, open, std::memory_order_relaxed)) {
    }
}

void RunResources::retire(std::unique_ptr<io::ShellIo> shell) {
    if (retired.empty()) loop.post([this] { retired.clear(); });
    retired.push_back(std::move(shell));
}

AttemptContext::AttemptContext(RunResources& resources, std::filesystem::path log_directory,
                               double attempt_multiplier, const EnvironmentLayer* layer, int attempt)
    : resources_(resources),
      log_directory_(std::move(log_directory)),
      owner_directory_(attempt == 0 ? log_directory_
                                    : log_directory_ / ("try-" + std::to_string(attempt + 1))),
      multiplier_(resources.settings.timeout.multiplier * attempt_multiplier),
      environment_(resources.settings.environment, layer),
      interpreter_(*this),
      started_(resources.loop.now()),
      events_(&resources.shared.memory),
      secrets_(resources.secrets) {}

AttemptContext::~AttemptContext() {
    give_back_ports();
}

Duration AttemptContext::scale(Duration tolerance) const {
    const double scaled = static_cast<double>(tolerance.count()) * multiplier_;
    // A quarter of the range leaves room for adding the result to a clock.
    const double longest = static_cast<double>(Duration::max().count()) / 4;
    return Duration(static_cast<std::int64_t>(std::min(scaled, longest)));
}

void AttemptContext::fail(report::Failure failure) {
    if (failure_) return;
    auto place = place_of(failure);
    if (failure.span) place.span = *failure.span;
    if (const auto& why = failure.cancellation; why.cancelled()) {
        record(report::EventKind::Cancelled, place, {why.reason, why.limit, why.trigger_test});
    } else {
        failed_event_ = record(report::EventKind::Failed, place, {failure.summary});
    }
    progress("x");
    failure_ = std::move(failure);
    if (on_failed) on_failed();
    activity_.stop();
}

void AttemptContext::amend_failure(const report::Failure& failure) {
    RELUX_ASSERT(failure_, "what is amended is there");
    failure_->summary = failure.summary;
    failure_->message = failure.message;
    failure_->output_tail = failure.output_tail;
    failure_->output_omitted = failure.output_omitted;
    amend_event(failed_event_, 0, failure.summary);
}

report::EventPlace AttemptContext::place_of(const report::Failure& failure) const {
    report::EventPlace place;
    for (const auto* chunk_run : chunk_runs) {
        const auto* shell = chunk_run->shell();
        if (shell != nullptr && shell->name() == failure.shell) place = shell->place();
    }
    return place;
}

void AttemptContext::warn(std::string message, const report::EventPlace& place) {
    record(report::EventKind::Warning, place, {message});
    warnings_.push_back(std::move(message));
}

std::uint32_t AttemptContext::record(report::EventKind kind, const report::EventPlace& place,
                                     std::initializer_list<report::Field> fields) {
    event_time_ = elapsed();
    const auto number = events_.record(kind, event_time_, place, fields);
    if (trace_) trace_->record(kind, number, event_time_, place, fields);
    return number;
}

void AttemptContext::begin_trace(int slot, const std::string& path, const std::string& name, int attempt) {
    if (resources_.trace == nullptr) return;
    trace_ = std::make_unique<AttemptTrace>(
        *resources_.trace, slot, started_,
        [this](std::string_view text) { return secrets_.search().mask(text); },
        [this](std::uint32_t module) {
            return std::string_view(resources_.program->modules()[module - 1]->code.name);
        },
        [this](std::uint32_t shell) { return std::string_view(shells_[shell - 1].marker); });
    trace_->begin(path, name, attempt);
}

void AttemptContext::count_attempt(const report::TestResult& result) {
    if (result.outcome == report::OutcomeKind::Skipped) return;
    auto& statistics = resources_.statistics;
    statistics.attempts.add(result.duration);
    statistics.slowest_tests.add({result.duration, result.path, result.name, result.slug});
    for (auto wait : slow_waits_.entries()) {
        // Masked only now, as a secret may have been learned after the wait.
        wait.what = shortened_text(secrets_.search().mask(wait.what), kLongestPattern);
        wait.path = result.path;
        wait.name = result.name;
        wait.slug = result.slug;
        statistics.slowest_waits.add(std::move(wait));
    }
}

void AttemptContext::record_output(const report::EventPlace& place, std::string_view bytes) {
    if (output_recorded_ + bytes.size() <= kMostOutputRecorded) {
        output_recorded_ += bytes.size();
        record(report::EventKind::Recv, place, {bytes});
        return;
    }
    record(report::EventKind::Recv, place,
           {"... [" + std::to_string(bytes.size()) + " bytes, only in the shell's log]"});
}

void AttemptContext::end_span(std::uint32_t span) {
    report::EventPlace place;
    place.span = span;
    if (span != 0) record(report::EventKind::SpanEnd, place, {std::int64_t(0), ""});
}

void AttemptContext::end_span(std::uint32_t span, std::string_view result) {
    report::EventPlace place;
    place.span = span;
    if (span != 0) record(report::EventKind::SpanEnd, place, {std::int64_t(1), result});
}

void AttemptContext::set_note_place(const report::EventPlace& place) {
    note_place_ = place;
    pure_calls_.clear();
}

std::string AttemptContext::unique_shell_name(std::string name) {
    std::string candidate = name;
    for (int number = 2; std::find(shell_names_.begin(), shell_names_.end(), candidate) != shell_names_.end();
         ++number) {
        candidate = name + "-" + std::to_string(number);
    }
    shell_names_.push_back(candidate);
    return candidate;
}

std::string AttemptContext::owner_mark(std::string_view name) const {
    return std::string(kOwnerVariable) + (owner_directory_ / name).string();
}

io::ShellOptions AttemptContext::shell_options(const std::string& log_name,
                                               std::vector<std::string> environment) const {
    const auto& shell = settings().shell;
    io::ShellOptions options;
    options.command = shell.command;
    options.environment = std::move(environment);
    options.columns = shell.columns;
    options.rows = shell.rows;
    options.directory = settings().suite_root.string();
    // Each shell has a mark of its own: ending one must not end a daemon that belongs to another.
    const auto& run = settings().run_directory.native();
    options.owner_mark = owner_mark(log_name);
    if (log_directory_.native().starts_with(run + "/"))
        options.run_mark_size = kOwnerVariable.size() + run.size() + 1;
    options.environment.push_back(options.owner_mark);
    return options;
}

void AttemptContext::start_early_shell(io::ShellOptions options) {
    auto shell = EarlyShell::open(loop(), std::move(options));
    if (!shell) return;
    resources_.shared.pool.opened(this);
    early_shells_.push_back(std::move(shell));
}

std::unique_ptr<io::ShellIo> AttemptContext::take_early_shell(const io::ShellOptions& options,
                                                              io::ShellListener& listener,
                                                              std::string& output) {
    for (const auto& shell : early_shells_) {
        if (shell->fits(options)) return shell->take(listener, output);
    }
    return nullptr;
}

io::Task<void> AttemptContext::end_early_shells() {
    for (const auto& shell : early_shells_) {
        if (shell->taken()) continue;
        auto ended = co_await shell->end();
        resources_.retire(std::move(ended));
        resources_.shared.pool.closed(this);
    }
}

std::optional<std::string_view> AttemptContext::base_environment(std::string_view name) {
    const auto value = environment_.find(name);
    if (!value) {
        if (!unset_read_.contains(name)) unset_read_.emplace(name);
    } else if (!read_.contains(name)) {
        read_.emplace(name, *value);
    }
    return value;
}

Result<int> AttemptContext::available_port() {
    auto port = resources_.shared.ports.take();
    if (port) ports_.push_back(*port);
    return port;
}

void AttemptContext::give_back_ports() {
    resources_.shared.ports.give_back(ports_);
    ports_.clear();
}

std::int64_t AttemptContext::wall_clock_nanoseconds() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void AttemptContext::random_bytes(std::span<unsigned char> bytes) {
    // Up to 256 bytes getrandom never gives less than asked for once the pool is ready.
    while (!bytes.empty()) {
        const auto got = ::getrandom(bytes.data(), std::min<std::size_t>(bytes.size(), 256), 0);
        if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
}

Result<exec::SearchAnswer> AttemptContext::search(std::string_view pattern, std::string_view subject) {
    if (const auto made = std::exchange(value_search_, nullptr)) {
        RELUX_ASSERT(made->subject() == subject, "the interpreter goes on where it stopped");
        return answer_of(made->outcome(), subject, made->spans());
    }
    using Effort = match::Pattern::Effort;
    const auto effort = leaves_long_searches_ ? Effort::Short : Effort::Whole;
    auto answer = search_value(resources_.patterns, pattern, subject, effort);
    if (answer && answer->unfinished) {
        const auto compiled = resources_.patterns.regex(pattern);
        value_search_ = std::make_shared<match::LongSearch>(**compiled, subject, 0, false, true);
    }
    return answer;
}

exec::Exit AttemptContext::run_interpreter(exec::Fiber& fiber) {
    leaves_long_searches_ = true;
    auto exit = interpreter_.run(fiber);
    leaves_long_searches_ = false;
    return exit;
}

io::Task<void> AttemptContext::run_beside(const std::shared_ptr<match::LongSearch>& search) {
    co_await io::until_done([this, &search](std::function<void()> done) {
        loop().run_beside([search] { search->run(); }, std::move(done));
    });
}

io::Task<void> AttemptContext::finish_search() {
    auto search = std::exchange(value_search_, nullptr);
    co_await run_beside(search);
    // No other interpreter of the test runs before the one that asked for it.
    value_search_ = std::move(search);
}

void AttemptContext::environment_read(std::string_view name, std::optional<std::string_view> value) {
    const auto known = base_environment(name);
    if (known && value) record(report::EventKind::VarRead, note_place_, {name, *value});
}

namespace {

using Arguments = std::span<const exec::Value>;

struct ArgumentView {
    std::string_view operator()(const exec::Value& argument) const { return argument.view(); }
};

/// As the trace takes it; lists in `encoded`.
report::Field trace_field(std::string_view text, std::string&) {
    return text;
}
report::Field trace_field(std::int64_t number, std::string&) {
    return number;
}
report::Field trace_field(const report::TextList<Arguments, ArgumentView>& list, std::string& encoded) {
    for (const auto& argument : list.items)
        report::append_encoded_text(encoded, argument.view());
    return encoded;
}

}  // namespace

template <class... Fields>
std::uint32_t AttemptContext::record_now(report::EventKind kind, const report::EventPlace& place,
                                         const Fields&... fields) {
    const auto number = events_.record_each(kind, event_time_, place, fields...);
    if (trace_) {
        std::string encoded;
        trace_->record(kind, number, event_time_, place, {trace_field(fields, encoded)...});
    }
    return number;
}

void AttemptContext::begin_pure_call(const exec::Note& note, const report::EventPlace& place, bool native) {
    const report::TextList<Arguments, ArgumentView> arguments{note.arguments, {}};
    const std::string_view callee_kind = native ? "bif" : "user";
    const std::int64_t callee = native ? 0 : callee_number(note.module, note.callee);
    pure_calls_.push_back(record_now(report::EventKind::FnCall, place, note.name, arguments, callee_kind,
                                     std::int64_t(1), callee));
}

void AttemptContext::end_pure_call(std::string_view result) {
    report::EventPlace place;
    place.span = pure_calls_.back();
    pure_calls_.pop_back();
    if (place.span != 0) record_now(report::EventKind::SpanEnd, place, std::int64_t(1), result);
}

void AttemptContext::record_check(const report::EventPlace& place, const exec::Note& note) {
    using report::CheckShape;
    const auto shape = note.compares ? CheckShape::PureMatch : CheckShape::Bare;
    record_now(report::EventKind::BoolCheck, place, static_cast<std::int64_t>(shape), note.value, note.name,
               std::int64_t(note.is_regex), std::int64_t(note.holds));
}

std::int64_t AttemptContext::callee_number(const exec::LinkedModule& caller, std::uint32_t reference) {
    return std::int64_t{caller.number + 1} << 32 | reference;
}

std::vector<std::string_view> AttemptContext::callee_parameters(const exec::Program& program,
                                                                std::int64_t number) {
    std::vector<std::string_view> names;
    if (number == 0) return names;
    const auto& caller = *program.modules()[static_cast<std::size_t>((number >> 32) - 1)];
    const auto& target = caller.functions[static_cast<std::size_t>(number & 0xffffffff)];
    for (const auto name : target.function->parameters)
        names.push_back(target.module->string(name));
    return names;
}

void AttemptContext::note(const exec::Note& note) {
    if (note.later) event_time_ = elapsed();
    report::EventPlace place = note_place_;
    place.span = note_span();
    set_statement(place, note.module, note.span);
    const report::TextList<Arguments, ArgumentView> arguments{note.arguments, {}};
    using Kind = exec::Note::Kind;
    switch (note.kind) {
        case Kind::Let:
            secrets_.learn(note.name, note.value);
            record_now(report::EventKind::VarLet, place, note.name, note.value);
            return;
        case Kind::Assign:
            secrets_.learn(note.name, note.value);
            record_now(report::EventKind::VarAssign, place, note.name, note.value);
            return;
        case Kind::Read:
            record_now(report::EventKind::VarRead, place, note.name, note.value);
            return;
        case Kind::String:
            record_now(report::EventKind::StringEval, place, note.value);
            break;
        case Kind::Interpolation:
            record_now(report::EventKind::Interpolation, place, arguments);
            return;
        case Kind::PureCallEnter:
            begin_pure_call(note, place, false);
            return;
        case Kind::NativeEnter:
            begin_pure_call(note, place, true);
            return;
        case Kind::NativeCall:
            if (note.name == "which" && !note.arguments.empty())
                executables_.emplace(note.arguments.front().view(), note.value);
            begin_pure_call(note, place, true);
            [[fallthrough]];
        case Kind::PureCallLeave:
            end_pure_call(note.value);
            return;
        case Kind::AssertStart:
            record_now(report::EventKind::PureMatchStart, place, note.value, note.name,
                       std::int64_t(note.is_regex));
            return;
        case Kind::AssertDone:
            record_now(report::EventKind::PureMatchDone, place, note.value, arguments);
            return;
        case Kind::AssertFailed:
            record_now(report::EventKind::PureMatchFailed, place);
            return;
        case Kind::Decision:
            record_check(place, note);
            return;
    }
}

}  // namespace relux::run

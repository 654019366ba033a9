#include "vm/run/interpreter_host.h"

#include <algorithm>
#include <chrono>
#include <sys/random.h>
#include <utility>

#include "vm/io/until_done.h"
#include "vm/run/callee_number.h"
#include "vm/run/scope_instance.h"
#include "vm/run/value_search.h"

namespace relux::run {

InterpreterHost::InterpreterHost(RunResources& resources, const BaseEnvironment& environment,
                                 EventRecorder& recorder, report::Secrets& secrets)
    : resources_(resources),
      environment_(environment),
      recorder_(recorder),
      secrets_(secrets),
      interpreter_(*this) {}

void InterpreterHost::set_note_place(const report::EventPlace& place) {
    note_place_ = place;
    pure_calls_.clear();
}

std::optional<std::string_view> InterpreterHost::base_environment(std::string_view name) {
    const auto value = environment_.find(name);
    if (!value) {
        if (!unset_read_.contains(name)) unset_read_.emplace(name);
    } else if (!read_.contains(name)) {
        read_.emplace(name, *value);
    }
    return value;
}

Result<int> InterpreterHost::available_port() {
    auto port = resources_.shared.ports.take();
    if (port) ports_.push_back(*port);
    return port;
}

void InterpreterHost::give_back_ports() {
    resources_.shared.ports.give_back(ports_);
    ports_.clear();
}

std::int64_t InterpreterHost::wall_clock_nanoseconds() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void InterpreterHost::random_bytes(std::span<unsigned char> bytes) {
    // Up to 256 bytes getrandom never gives less than asked for once the pool is ready.
    while (!bytes.empty()) {
        const auto got = ::getrandom(bytes.data(), std::min<std::size_t>(bytes.size(), 256), 0);
        if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
}

Result<exec::SearchAnswer> InterpreterHost::search(std::string_view pattern, std::string_view subject) {
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

exec::Exit InterpreterHost::run(exec::Fiber& fiber) {
    leaves_long_searches_ = true;
    auto exit = interpreter_.run(fiber);
    leaves_long_searches_ = false;
    return exit;
}

io::Task<void> InterpreterHost::run_beside(const std::shared_ptr<match::LongSearch>& search) {
    co_await io::until_done([this, &search](std::function<void()> done) {
        resources_.loop.run_beside([search] { search->run(); }, std::move(done));
    });
}

io::Task<void> InterpreterHost::finish_search() {
    auto search = std::exchange(value_search_, nullptr);
    co_await run_beside(search);
    // No other interpreter of the test runs before the one that asked for it.
    value_search_ = std::move(search);
}

void InterpreterHost::environment_read(std::string_view name, std::optional<std::string_view> value) {
    const auto known = base_environment(name);
    if (known && value) recorder_.record(note_place_, events::VarRead{.name = name, .value = *value});
}

namespace {

using Arguments = std::span<const exec::Value>;

struct ArgumentView {
    std::string_view operator()(const exec::Value& argument) const { return argument.view(); }
};

using Texts = report::TextList<Arguments, ArgumentView>;

}  // namespace

void InterpreterHost::begin_pure_call(const exec::Note& note, const report::EventPlace& place, bool native) {
    const Texts arguments{note.arguments, {}};
    const std::string_view callee_kind = native ? "bif" : "user";
    const std::int64_t callee = native ? 0 : callee_number(note.module, note.callee);
    pure_calls_.push_back(recorder_.record_at_last(place, events::FnCallOf<Texts>{.name = note.name,
                                                                                  .args = arguments,
                                                                                  .callee_kind = callee_kind,
                                                                                  .is_pure = true,
                                                                                  .callee = callee}));
}

void InterpreterHost::end_pure_call(std::string_view result) {
    report::EventPlace place;
    place.span = pure_calls_.back();
    pure_calls_.pop_back();
    if (place.span != 0)
        recorder_.record_at_last(place, events::SpanEnd{.has_result = true, .result = result});
}

void InterpreterHost::record_check(const report::EventPlace& place, const exec::Note& note) {
    using report::CheckShape;
    const auto shape = note.compares ? CheckShape::PureMatch : CheckShape::Bare;
    recorder_.record_at_last(place, events::BoolCheck{.shape = static_cast<std::int64_t>(shape),
                                                      .value = note.value,
                                                      .pattern = note.name,
                                                      .is_regex = note.is_regex,
                                                      .met = note.holds});
}

void InterpreterHost::note(const exec::Note& note) {
    if (note.later) recorder_.take_time();
    report::EventPlace place = note_place_;
    place.span = note_span();
    set_statement(place, note.module, note.span);
    const Texts arguments{note.arguments, {}};
    using Kind = exec::Note::Kind;
    switch (note.kind) {
        case Kind::Let:
            secrets_.learn(note.name, note.value);
            recorder_.record_at_last(place, events::VarLet{.name = note.name, .value = note.value});
            return;
        case Kind::Assign:
            secrets_.learn(note.name, note.value);
            recorder_.record_at_last(place, events::VarAssign{.name = note.name, .value = note.value});
            return;
        case Kind::Read:
            recorder_.record_at_last(place, events::VarRead{.name = note.name, .value = note.value});
            return;
        case Kind::String:
            recorder_.record_at_last(place, events::StringEval{.result = note.value});
            break;
        case Kind::Interpolation:
            recorder_.record_at_last(place, events::InterpolationOf<Texts>{.result = arguments});
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
            recorder_.record_at_last(
                place,
                events::PureMatchStart{.value = note.value, .pattern = note.name, .is_regex = note.is_regex});
            return;
        case Kind::AssertDone:
            recorder_.record_at_last(
                place, events::PureMatchDoneOf<Texts>{.matched = note.value, .captures = arguments});
            return;
        case Kind::AssertFailed:
            recorder_.record_at_last(place, events::PureMatchFailed{});
            return;
        case Kind::Decision:
            record_check(place, note);
            return;
    }
}

}  // namespace relux::run

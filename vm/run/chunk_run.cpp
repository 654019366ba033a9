// One wait for each exit of the interpreter.
#include "vm/run/chunk_run.h"

#include <algorithm>
#include <charconv>
#include <variant>

#include "vm/base/assert.h"
#include "vm/base/text.h"
#include "vm/bytecode/quoted.h"
#include "vm/run/callee_number.h"

namespace relux::run {

namespace exits = exec::exits;
using exec::Value;

namespace {

/// Calls, settings and matches of what is there already don't wait. After so many of them, or so much time in
/// the interpreter, the loop has its turn all the same, or no time-out and no signal could end functions that
/// call each other for ever.
constexpr int kExitsOfATurn = 1000;
constexpr Duration kBusyForATurn = std::chrono::milliseconds(50);

constexpr std::string_view kShellBlock = "shell ";

/// `in shell 'client'`, `in cleanup`
std::string describe_block(const std::string& what) {
    if (!what.starts_with(kShellBlock)) return "in " + what;
    return "in shell '" + what.substr(kShellBlock.size()) + "'";
}

/// `call inner(s="nope")`
std::string describe_call(const exec::Fiber& fiber, const exec::CallFrame& frame) {
    std::string text = "call " + std::string(frame.module->string(frame.function->name)) + "(";
    std::size_t number = 0;
    for (const auto& value : fiber.parameters(frame)) {
        text += number == 0 ? "" : ", ";
        text.append(frame.module->string(frame.function->parameters[number++])).append("=");
        text += bytecode::quoted_text(value.view());
    }
    return text + ")";
}

}  // namespace

ChunkRun::ChunkRun(AttemptContext& test, ScopeInstance& scope, std::string what, bytecode::Span header)
    : test_(test), scope_(scope), what_(std::move(what)), header_(header) {
    test_.chunk_runs.push_back(this);
}

ChunkRun::~ChunkRun() {
    std::erase(test_.chunk_runs, this);
}

// Where we are

std::vector<report::FailureFrame> ChunkRun::chain() const {
    std::vector<report::FailureFrame> chain;
    scope_.describe_chain(chain);
    if (!what_.empty())
        chain.push_back({what_, source_place(scope_.module(), header_), describe_block(what_)});
    if (fiber_ == nullptr) return chain;
    for (const auto& frame : fiber_->frames()) {
        if (frame.function != nullptr) {
            chain.push_back({"fn " + std::string(frame.module->string(frame.function->name)) + "/" +
                                 std::to_string(frame.function->parameters.size()),
                             source_place(*frame.module, frame.function->span),
                             describe_call(*fiber_, frame)});
        }
        if (frame.pc < frame.chunk->spans.size()) {
            chain.push_back({"", source_place(*frame.module, frame.chunk->spans[frame.pc])});
        }
    }
    return chain;
}

std::string ChunkRun::current_place() const {
    if (fiber_ == nullptr || fiber_->frames().empty()) return describe_place(scope_.module(), header_);
    const auto& frame = fiber_->frames().back();
    return describe_place(*frame.module, frame.chunk->spans[frame.pc]);
}

void ChunkRun::fail(report::Failure failure) {
    failure.chain = chain();
    if (!failure.span) failure.span = current_span();
    failure_ = std::move(failure);
    failed_ = true;
}

report::MatchContext ChunkRun::match_context(const Shell* shell) const {
    const auto& frames = fiber_->frames();
    if (!frames.empty() && frames.back().function != nullptr)
        return {"fn", std::string(frames.back().module->string(frames.back().function->name))};
    if (shell != nullptr) return {"shell", shell->name()};
    return {scope_.effect() != nullptr ? "effect-preamble" : "test-preamble", std::string(scope_.name())};
}

void ChunkRun::fail_from_interpreter(const exits::Failed& failed, const Shell* shell) {
    report::Failure failure;
    failure.span = test_.host().note_span();
    const std::string where = shell != nullptr ? "shell '" + shell->name() + "'" : std::string(scope_.name());
    switch (failed.kind) {
        case exits::Failed::Kind::Runtime:
            failure.kind = report::FailureKind::Runtime;
            failure.summary = "runtime error in " + where + ": " + failed.message;
            break;
        case exits::Failed::Kind::InvalidRegex:
            failure.kind = report::FailureKind::InvalidRegex;
            failure.summary = failed.message.starts_with("invalid regex")
                                  ? failed.message
                                  : "invalid regex: " + failed.message;
            break;
        case exits::Failed::Kind::PureMatch:
            failure.kind = report::FailureKind::PureMatch;
            failure.summary = "pure match in " + where + " did not match: " + failed.message;
            failure.message = "pure match in " + where + " did not satisfy pattern " +
                              visible(failed.pattern.text.view(), false) + ": value " +
                              bytecode::quoted_text(failed.value.view()) + " did not match";
            failure.pattern = failed.pattern.text.view();
            failure.pattern_is_regex = failed.pattern.is_regex;
            failure.value = failed.value.view();
            failure.context = match_context(shell);
            break;
    }
    if (shell != nullptr) shell->describe_output(failure);
    fail(std::move(failure));
}

void ChunkRun::take_failure(Shell& shell) {
    auto failure = shell.take_failure();
    if (!failure) return;
    if (near_misses_ && failure->kind == report::FailureKind::MatchTimeout) {
        for (auto& sentence : near_misses_(*failure, shell))
            failure->notes.push_back(std::move(sentence));
    }
    fail(std::move(*failure));
}

// Running

io::Task<bool> ChunkRun::run_pure(exec::Fiber& fiber, const bytecode::Chunk& chunk) {
    fiber_ = &fiber;
    fiber.enter(scope_.module(), chunk, &scope_, 0);
    report::EventPlace place;
    place.span = span_;
    for (;;) {
        test_.host().set_note_place(place);
        const exec::Exit exit = test_.host().run(fiber);
        if (const auto* failed = std::get_if<exits::Failed>(&exit)) fail_from_interpreter(*failed, nullptr);
        if (!std::holds_alternative<exits::Search>(exit))
            co_return std::holds_alternative<exits::Finished>(exit);
        co_await test_.host().finish_search();
    }
}

io::Task<bool> ChunkRun::start_shell(Shell& shell) {
    shell_ = &shell;
    shell.set_span(span_);
    shell.set_block(span_);
    shell.set_statement(scope_.module(), header_);
    const bool started = co_await shell.start();
    if (!started) take_failure(shell);
    co_return started;
}

io::Task<bool> ChunkRun::run_in_shell(exec::Fiber& fiber, const bytecode::Chunk& chunk,
                                      std::uint16_t persistent, Shell& shell) {
    fiber_ = &fiber;
    shell_ = &shell;
    fiber.enter(scope_.module(), chunk, &scope_, persistent);
    shell.set_span(span_);
    shell.set_block(span_);
    int exits = 0;
    Duration busy{};
    for (;;) {
        test_.host().set_note_place(shell.place());
        const auto began = test_.loop().now();
        exec::Exit exit = test_.host().run(fiber);
        busy += test_.loop().now() - began;
        if (std::holds_alternative<exits::Search>(exit)) {
            co_await test_.host().finish_search();
            continue;
        }
        if (shell.looks_for_fail_pattern()) {
            co_await shell.fail_pattern_looked_for();
            if (shell.stopped()) co_return false;
        }
        if (std::holds_alternative<exits::Finished>(exit)) co_return true;
        const auto& frame = fiber.frames().back();
        shell.set_statement(*frame.module, frame.chunk->spans[frame.pc]);
        if (const auto* failed = std::get_if<exits::Failed>(&exit)) {
            fail_from_interpreter(*failed, &shell);
            co_return false;
        }
        auto* const wanted = std::get_if<exec::ShellExit>(&exit);
        RELUX_ASSERT(wanted != nullptr, "code that runs in a shell neither decides nor is a workflow's");
        bool done = co_await perform(*wanted, shell);
        if (done && (++exits == kExitsOfATurn || busy >= kBusyForATurn)) {
            exits = 0;
            busy = {};
            done = co_await shell.give_way();
        }
        if (!done) {
            take_failure(shell);
            co_return false;
        }
    }
}

io::Task<bool> ChunkRun::perform(exec::ShellExit& exit, Shell& shell) {
    return std::visit([&](auto& wanted) { return perform(wanted, shell); }, exit);
}

io::Task<bool> ChunkRun::perform(exits::Send& send, Shell& shell) {
    const bool sent = co_await shell.send(send.text.view(), !send.raw);
    if (!sent) co_return false;
    fiber_->resume_with(send.text);
    co_return true;
}

io::Task<bool> ChunkRun::perform(exits::Match& match, Shell& shell) {
    auto matched = co_await shell.match(match.pattern, match.timeout);
    if (!matched) co_return false;
    if (match.pattern.is_regex) {
        fiber_->resume_with(std::move(matched->text), std::move(matched->captures));
    } else {
        fiber_->resume_with(std::move(matched->text));
    }
    co_return true;
}

io::Task<bool> ChunkRun::perform(exits::MultiMatch& match, Shell& shell) {
    const bool matched = co_await shell.multi_match(match.patterns, match.timeout);
    if (!matched) co_return false;
    fiber_->resume_with(Value());
    co_return true;
}

io::Task<bool> ChunkRun::perform(exits::ResetBuffer&, Shell& shell) {
    shell.reset_buffer();
    fiber_->resume_with(Value());
    co_return true;
}

io::Task<bool> ChunkRun::perform(exits::SetTimeout& wanted, Shell& shell) {
    shell.set_timeout(wanted.timeout, current_place());
    fiber_->resume_with(Value());
    co_return true;
}

io::Task<bool> ChunkRun::perform(exits::SetFailPattern& wanted, Shell& shell) {
    const bool set = shell.set_fail_pattern(wanted.pattern, current_place());
    // A hit in what had already arrived has stopped everything; the next statement must not run.
    if (!set || shell.stopped()) co_return false;
    fiber_->resume_with(Value());
    co_return true;
}

io::Task<bool> ChunkRun::perform(exits::ClearFailPattern&, Shell& shell) {
    shell.clear_fail_pattern();
    fiber_->resume_with(Value());
    co_return true;
}

io::Task<bool> ChunkRun::perform(exits::CallEnter& call, Shell& shell) {
    enter_call(call, shell);
    co_return true;
}

io::Task<bool> ChunkRun::perform(exits::CallLeave& call, Shell& shell) {
    leave_call(call, shell);
    co_return !shell.stopped();
}

void ChunkRun::enter_call(const exits::CallEnter& call, Shell& shell) {
    callers_.push_back(shell.save_state());
    const auto& frames = fiber_->frames();
    const auto& callee = frames.back();
    const auto& caller = frames[frames.size() - 2];
    report::EventPlace place = shell.place();
    set_statement(place, *caller.module, caller.chunk->spans[caller.pc]);
    std::vector<std::string_view> arguments;
    for (const auto& argument : call.arguments)
        arguments.push_back(argument.view());
    const auto name = callee.module->string(call.function->name);

    const auto encoded = report::encode_texts(arguments);
    const auto called = callee_number(*caller.module, caller.chunk->code[caller.pc].b());
    spans_.push_back(test_.recorder().record(
        place,
        events::FnCall{
            .name = name, .args = encoded, .callee_kind = "user", .is_pure = false, .callee = called}));
    shell.set_span(spans_.back());
    test_.recorder().progress("(");
}

void ChunkRun::leave_call(const exits::CallLeave& call, Shell& shell) {
    RELUX_ASSERT(!callers_.empty() && !spans_.empty(), "calls nest");
    shell.restore_state(std::move(callers_.back()));
    callers_.pop_back();
    test_.recorder().end_span(spans_.back(), call.result.view());
    spans_.pop_back();
    shell.set_span(spans_.empty() ? span_ : spans_.back());
    test_.recorder().progress(")");
}

// Built-ins that need a shell

io::Task<bool> ChunkRun::match_exit_code(Shell& shell, Expected expected, std::string_view code) {
    const bool sent = co_await shell.send(LastCommand::kQuestion, true);
    if (!sent) co_return false;
    // Digits between the colons: the echo of the command has `$?` there, so it cannot match, and any code is
    // seen at once, not only the one that is hoped for.
    exec::PatternSpec pattern;
    pattern.text = Value("::(\\d+)::$");
    pattern.is_regex = true;
    const Timeout timeout;
    const auto matched = co_await shell.match(pattern, timeout);
    if (!matched) co_return false;
    const auto came = matched->captures.size() > 1 ? matched->captures[1].view() : std::string_view();
    const bool holds = expected == Expected::Exactly ? came == code : came != code;
    if (!holds) {
        report::Failure failure;
        failure.kind = report::FailureKind::Runtime;
        failure.summary =
            "runtime error in shell '" + shell.name() + "': " + shell.command_asked_about() +
            " ended with exit code " + std::string(came) +
            (expected == Expected::Exactly ? ", expected " + std::string(code) : ", expected any other");
        shell.describe_command_output(failure);
        fail(std::move(failure));
        co_return false;
    }
    const bool prompted = co_await shell.match_prompt();
    co_return prompted;
}

namespace {

bool is_exit_code(std::string_view text) {
    int code = 0;
    const auto end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, code);
    return !text.empty() && error == std::errc() && last == end && code >= 0 && code <= 255;
}

/// The byte that a control built-in sends; empty for every other one.
std::string_view control_byte(exec::NativeId id) {
    using exec::NativeId;
    constexpr std::pair<NativeId, std::string_view> kControls[] = {{NativeId::ctrl_c, "\x03"},
                                                                   {NativeId::ctrl_d, "\x04"},
                                                                   {NativeId::ctrl_z, "\x1a"},
                                                                   {NativeId::ctrl_l, "\x0c"},
                                                                   {NativeId::ctrl_backslash, "\x1c"}};
    for (const auto& [native, byte] : kControls) {
        if (native == id) return byte;
    }
    return {};
}

}  // namespace

bool ChunkRun::fail_argument(const Shell& shell, std::string message) {
    report::Failure failure;
    failure.shell = shell.name();
    failure.summary = "runtime error in shell '" + shell.name() + "': " + std::move(message);
    fail(std::move(failure));
    return false;
}

io::Task<bool> ChunkRun::call_match_native(const exits::ShellCall& call, Shell& shell) {
    const auto id = call.native->id;
    const std::string_view code = call.arguments.empty() ? std::string_view("0") : call.arguments[0].view();
    if (id == exec::NativeId::match_exit_code && !is_exit_code(code)) {
        co_return fail_argument(
            shell, "match_exit_code: `" + visible(code, false) + "` is not an exit code (0 to 255)");
    }
    const bool wants_failure = id == exec::NativeId::match_not_ok;
    if (wants_failure && !call.arguments.empty() && (!is_exit_code(code) || code == "0")) {
        co_return fail_argument(shell, "match_not_ok: `" + visible(code, false) +
                                           "` is not an exit code other than 0 (1 to 255)");
    }
    if (id != exec::NativeId::match_exit_code) {
        const bool prompted = co_await shell.match_prompt();
        if (!prompted) co_return false;
    }
    if (id != exec::NativeId::match_prompt) {
        const auto expected =
            wants_failure && call.arguments.empty() ? Expected::AnythingElse : Expected::Exactly;
        const bool matched = co_await match_exit_code(shell, expected, code);
        if (!matched) co_return false;
    }
    finish_native(Value(test_.settings().shell.prompt));
    co_return true;
}

io::Task<bool> ChunkRun::call_sleep(const exits::ShellCall& call, Shell& shell) {
    const auto duration = parse_duration(call.arguments[0].view(), true);
    if (!duration) co_return fail_argument(shell, "sleep: " + duration.error().message);
    const bool slept = co_await shell.sleep(*duration);
    if (!slept) co_return false;
    finish_native(Value());
    co_return true;
}

void ChunkRun::finish_native(Value result) {
    native_result_ = result;
    fiber_->resume_with(std::move(result));
}

io::Task<bool> ChunkRun::perform(exits::ShellCall& call, Shell& shell) {
    std::vector<std::string_view> arguments;
    for (const auto& argument : call.arguments)
        arguments.push_back(argument.view());
    const auto outer = shell.span();

    const auto encoded = report::encode_texts(arguments);
    const auto span = test_.recorder().record(
        shell.place(),
        events::FnCall{
            .name = call.native->name, .args = encoded, .callee_kind = "bif", .is_pure = false, .callee = 0});
    shell.set_span(span);
    const bool called = co_await run_native(call, shell);
    shell.set_span(outer);
    if (called) {
        test_.recorder().end_span(span, native_result_.view());
    } else {
        test_.recorder().end_span(span);
    }
    co_return called;
}

io::Task<bool> ChunkRun::run_native(const exits::ShellCall& call, Shell& shell) {
    const auto id = call.native->id;
    if (id == exec::NativeId::sleep) {
        const bool slept = co_await call_sleep(call, shell);
        co_return slept;
    }
    if (id == exec::NativeId::log || id == exec::NativeId::annotate) {
        const auto text = call.arguments[0].view();
        const auto place = shell.place();

        if (id == exec::NativeId::annotate) {
            test_.recorder().record(place, events::Annotate{.text = text});
            test_.recorder().progress("[" + visible(text, false) + "]");
        } else {
            test_.recorder().record(place, events::Log{.message = text});
        }
        finish_native(call.arguments[0]);
        co_return true;
    }
    const auto control = control_byte(id);
    if (control.empty()) {
        const bool matched = co_await call_match_native(call, shell);
        co_return matched;
    }
    const bool sent = co_await shell.send_control(control);
    if (!sent) co_return false;
    finish_native(Value());
    co_return true;
}

}  // namespace relux::run

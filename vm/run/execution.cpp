// See execution.h.
#include "vm/run/execution.h"

#include <algorithm>
#include <charconv>

#include "vm/base/text.h"

namespace relux::run {

using exec::Exit;
using exec::Value;

Execution::Execution(TestContext& test, ScopeInstance& scope, std::string what, bytecode::Span header)
    : test_(test), scope_(scope), what_(std::move(what)), header_(header) {
    test_.executions.push_back(this);
}

Execution::~Execution() { std::erase(test_.executions, this); }

// Where we are

std::vector<report::FailureFrame> Execution::chain() const {
    std::vector<report::FailureFrame> chain;
    scope_.describe_chain(chain);
    if (!what_.empty()) chain.push_back({what_, source_place(scope_.module(), header_)});
    if (fiber_ == nullptr) return chain;
    for (const auto& frame : fiber_->frames()) {
        if (frame.function != nullptr) {
            chain.push_back({"fn " + std::string(frame.module->string(frame.function->name)) + "/" +
                                 std::to_string(frame.function->parameters.size()),
                             source_place(*frame.module, frame.function->span)});
        }
        if (frame.pc < frame.chunk->spans.size()) {
            chain.push_back({"", source_place(*frame.module, frame.chunk->spans[frame.pc])});
        }
    }
    return chain;
}

std::string Execution::current_place() const {
    const auto& frame = fiber_->frames().back();
    return describe_place(*frame.module, frame.chunk->spans[frame.pc]);
}

void Execution::fail(report::Failure failure) {
    failure.chain = chain();
    failure_ = std::move(failure);
    failed_ = true;
}

void Execution::fail_from_interpreter(const Exit& exit, const Shell* shell) {
    report::Failure failure;
    const std::string where = shell != nullptr ? "shell '" + shell->name() + "'" : std::string(scope_.name());
    switch (exit.failure_kind) {
        case Exit::FailureKind::Runtime:
            failure.kind = report::FailureKind::Runtime;
            failure.summary = "runtime error in " + where + ": " + exit.failure;
            break;
        case Exit::FailureKind::InvalidRegex:
            failure.kind = report::FailureKind::InvalidRegex;
            failure.summary =
                exit.failure.starts_with("invalid regex") ? exit.failure : "invalid regex: " + exit.failure;
            break;
        case Exit::FailureKind::PureMatch:
            failure.kind = report::FailureKind::PureMatch;
            failure.summary = "pure match in " + where + " did not match: " + exit.failure;
            break;
    }
    if (shell != nullptr) shell->describe_output(failure);
    fail(std::move(failure));
}

void Execution::take_failure(Shell& shell) {
    auto failure = shell.take_failure();
    if (!failure) return;
    if (near_misses_ && failure->kind == report::FailureKind::MatchTimeout) {
        for (auto& sentence : near_misses_(*failure, shell)) failure->notes.push_back(std::move(sentence));
    }
    fail(std::move(*failure));
}

// Running

bool Execution::run_pure(exec::Fiber& fiber, const bytecode::Chunk& chunk) {
    fiber_ = &fiber;
    fiber.enter(scope_.module(), chunk, &scope_, 0);
    const Exit exit = test_.interpreter().run(fiber);
    if (exit.kind == Exit::Kind::Failed) fail_from_interpreter(exit, nullptr);
    return exit.kind == Exit::Kind::Finished;
}

io::Task<bool> Execution::start_shell(Shell& shell) {
    shell_ = &shell;
    const bool started = co_await shell.start();
    if (!started) take_failure(shell);
    co_return started;
}

io::Task<bool> Execution::run_in_shell(exec::Fiber& fiber, const bytecode::Chunk& chunk, std::uint16_t persistent,
                                       Shell& shell) {
    fiber_ = &fiber;
    shell_ = &shell;
    fiber.enter(scope_.module(), chunk, &scope_, persistent);
    for (;;) {
        Exit exit = test_.interpreter().run(fiber);
        if (exit.kind == Exit::Kind::Finished) co_return true;
        if (exit.kind == Exit::Kind::Failed) {
            fail_from_interpreter(exit, &shell);
            co_return false;
        }
        const auto& frame = fiber.frames().back();
        shell.set_statement(frame.module->code.name, frame.chunk->spans[frame.pc].line);
        const bool done = co_await perform(exit, shell);
        if (!done) {
            take_failure(shell);
            co_return false;
        }
    }
}

io::Task<bool> Execution::perform(Exit& exit, Shell& shell) {
    switch (exit.kind) {
        case Exit::Kind::Send: {
            const bool sent = co_await shell.send(exit.value.view(), !exit.raw);
            if (!sent) co_return false;
            fiber_->resume_with(exit.value);
            co_return true;
        }
        case Exit::Kind::Match: {
            auto matched = co_await shell.match(exit.pattern, exit.timeout);
            if (!matched) co_return false;
            if (exit.pattern.is_regex) {
                fiber_->resume_with(std::move(matched->text), std::move(matched->captures));
            } else {
                fiber_->resume_with(std::move(matched->text));
            }
            co_return true;
        }
        case Exit::Kind::MultiMatch: {
            const bool matched = co_await shell.multi_match(exit.patterns, exit.timeout);
            if (!matched) co_return false;
            fiber_->resume_with(Value());
            co_return true;
        }
        case Exit::Kind::ResetBuffer:
            shell.reset_buffer();
            fiber_->resume_with(Value());
            co_return true;
        case Exit::Kind::SetTimeout:
            shell.set_timeout(exit.timeout, current_place());
            fiber_->resume_with(Value());
            co_return true;
        case Exit::Kind::SetFailPattern: {
            const bool set = shell.set_fail_pattern(exit.pattern, current_place());
            // A hit in what had already arrived has stopped everything; the next statement must not run.
            if (!set || shell.stopped()) co_return false;
            fiber_->resume_with(Value());
            co_return true;
        }
        case Exit::Kind::ClearFailPattern:
            shell.clear_fail_pattern();
            fiber_->resume_with(Value());
            co_return true;
        case Exit::Kind::ShellCall:
            co_return co_await call_native(exit, shell);
        case Exit::Kind::CallEnter:
            enter_call(exit, shell);
            co_return true;
        case Exit::Kind::CallLeave:
            leave_call(exit, shell);
            co_return !shell.stopped();
        case Exit::Kind::Finished:
        case Exit::Kind::Failed:
        case Exit::Kind::Decided:
            break;
    }
    RELUX_UNREACHABLE("an exit that does not wait");
}

void Execution::enter_call(const Exit& exit, Shell& shell) {
    callers_.push_back(shell.save_state());
    const auto& frames = fiber_->frames();
    const auto& callee = frames.back();
    const auto& caller = frames[frames.size() - 2];
    report::EventPlace place;
    place.shell = shell.number();
    place.module = caller.module->number + 1;
    place.line = caller.chunk->spans[caller.pc].line;
    std::string arguments;
    for (const auto& argument : exit.arguments) arguments.append(arguments.empty() ? "" : ", ").append(argument.view());
    const auto name = callee.module->string(exit.function->name);
    spans_.push_back(test_.begin_span("fn-call", name, arguments, place));
    test_.progress("(");
}

void Execution::leave_call(const Exit& exit, Shell& shell) {
    RELUX_ASSERT(!callers_.empty() && !spans_.empty(), "calls nest");
    shell.restore_state(std::move(callers_.back()));
    callers_.pop_back();
    test_.end_span(spans_.back(), exit.value.view());
    spans_.pop_back();
    test_.progress(")");
}

// Built-ins that need a shell

io::Task<bool> Execution::match_prompt(Shell& shell) {
    exec::PatternSpec pattern;
    pattern.text = Value(test_.settings().shell.prompt);
    const exec::TimeoutSpec timeout;
    const auto matched = co_await shell.match(pattern, timeout);
    co_return matched.has_value();
}

io::Task<bool> Execution::match_exit_code(Shell& shell, Expected expected, std::string_view code) {
    const bool sent = co_await shell.send("echo ::$?::", true);
    if (!sent) co_return false;
    // Digits between the colons: the echo of the command has `$?` there, so it cannot match, and any code is seen
    // at once, not only the one that is hoped for.
    exec::PatternSpec pattern;
    pattern.text = Value("::(\\d+)::$");
    pattern.is_regex = true;
    const exec::TimeoutSpec timeout;
    const auto matched = co_await shell.match(pattern, timeout);
    if (!matched) co_return false;
    const auto came = matched->captures.size() > 1 ? matched->captures[1].view() : std::string_view();
    const bool holds = expected == Expected::Exactly ? came == code : came != code;
    if (!holds) {
        report::Failure failure;
        failure.kind = report::FailureKind::Runtime;
        failure.summary = "runtime error in shell '" + shell.name() + "': the last command ended with exit code " +
                          std::string(came) +
                          (expected == Expected::Exactly ? ", expected " + std::string(code) : ", expected any other");
        shell.describe_output(failure);
        fail(std::move(failure));
        co_return false;
    }
    co_return co_await match_prompt(shell);
}

io::Task<bool> Execution::call_native(const Exit& exit, Shell& shell) {
    const auto argument = [&](std::size_t i) { return exit.arguments[i].view(); };
    const auto finish = [&](Value value) {
        fiber_->resume_with(std::move(value));
        return true;
    };
    const auto fail_argument = [&](std::string message) {
        report::Failure failure;
        failure.summary = "runtime error in shell '" + shell.name() + "': " + std::move(message);
        fail(std::move(failure));
        return false;
    };
    const auto is_exit_code = [](std::string_view text) {
        int code = 0;
        const auto end = text.data() + text.size();
        const auto [last, error] = std::from_chars(text.data(), end, code);
        return !text.empty() && error == std::errc() && last == end && code >= 0 && code <= 255;
    };
    using exec::NativeId;
    std::string_view control;
    switch (exit.native->id) {
        case NativeId::match_prompt: {
            const bool matched = co_await match_prompt(shell);
            co_return matched && finish(Value(test_.settings().shell.prompt));
        }
        case NativeId::match_exit_code: {
            if (!is_exit_code(argument(0))) {
                co_return fail_argument("match_exit_code: `" + visible(argument(0), false) +
                                        "` is not an exit code (0 to 255)");
            }
            const bool matched = co_await match_exit_code(shell, Expected::Exactly, argument(0));
            co_return matched && finish(Value(test_.settings().shell.prompt));
        }
        case NativeId::match_ok:
        case NativeId::match_not_ok: {
            const bool ok = exit.native->id == NativeId::match_ok;
            if (!exit.arguments.empty() && (!is_exit_code(argument(0)) || argument(0) == "0")) {
                co_return fail_argument("match_not_ok: `" + visible(argument(0), false) +
                                        "` is not an exit code other than 0 (1 to 255)");
            }
            const bool prompted = co_await match_prompt(shell);
            if (!prompted) co_return false;
            const auto expected = ok || !exit.arguments.empty() ? Expected::Exactly : Expected::AnythingElse;
            const bool matched =
                co_await match_exit_code(shell, expected, exit.arguments.empty() ? std::string_view("0") : argument(0));
            co_return matched && finish(Value(test_.settings().shell.prompt));
        }
        case NativeId::ctrl_c:
            control = "\x03";
            break;
        case NativeId::ctrl_d:
            control = "\x04";
            break;
        case NativeId::ctrl_z:
            control = "\x1a";
            break;
        case NativeId::ctrl_l:
            control = "\x0c";
            break;
        case NativeId::ctrl_backslash:
            control = "\x1c";
            break;
        case NativeId::sleep: {
            const auto duration = parse_duration(argument(0), true);
            if (!duration) co_return fail_argument("sleep: " + duration.error().message);
            const bool slept = co_await shell.sleep(*duration);
            co_return slept && finish(Value());
        }
        case NativeId::log: {
            report::EventPlace place;
            place.shell = shell.number();
            test_.record(report::EventKind::Log, place, {argument(0)});
            co_return finish(exit.arguments[0]);
        }
        case NativeId::annotate: {
            report::EventPlace place;
            place.shell = shell.number();
            test_.record(report::EventKind::Annotate, place, {argument(0)});
            test_.progress("[" + visible(argument(0), false) + "]");
            co_return finish(exit.arguments[0]);
        }
        case NativeId::trim:
        case NativeId::upper:
        case NativeId::lower:
        case NativeId::replace:
        case NativeId::split:
        case NativeId::len:
        case NativeId::default_value:
        case NativeId::uuid:
        case NativeId::rand:
        case NativeId::which:
        case NativeId::available_port:
        case NativeId::mnemonic:
        case NativeId::sha1:
        case NativeId::timestamp:
            RELUX_UNREACHABLE("pure built-ins run in the interpreter");
    }
    const bool sent = co_await shell.send(control, false);
    co_return sent && finish(Value());
}

}  // namespace relux::run

#include "vm/run/workflow_run.h"

#include <algorithm>
#include <variant>

#include "vm/base/assert.h"
#include "vm/base/text.h"
#include "vm/data/json.h"
#include "vm/data/render.h"
#include "vm/run/scope_instance.h"
#include "vm/run/sent_lines.h"

namespace relux::run {

namespace exits = exec::exits;
using exec::WorkflowAccess;

namespace {

/// Steps that do nothing that takes time give the loop its turn all the same now and then, or no signal and
/// no time-out could end them.
constexpr int kStepsOfATurn = 100;
/// Processes that commands have left in the background get this long to end when they are told to.
constexpr Duration kGrace = std::chrono::milliseconds(500);

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

}  // namespace

WorkflowRun::WorkflowRun(AttemptContext& test, const exec::LinkedModule& module,
                         const bytecode::Workflow& workflow, std::function<void(std::string_view)> show)
    : test_(test),
      module_(module),
      workflow_(workflow),
      show_(std::move(show)),
      clients_(test.loop(), test.environment().list({}), test.shells().owner_mark("workflow")) {
    test_.activity().join(*this);
}

WorkflowRun::~WorkflowRun() {
    test_.activity().leave(*this);
}

// Where we are

std::vector<report::FailureFrame> WorkflowRun::chain() const {
    std::vector<report::FailureFrame> chain = {
        {"workflow \"" + std::string(module_.string(workflow_.name)) + "\"",
         source_place(module_, workflow_.span)}};
    for (const auto& open : steps_) {
        chain.push_back({"step \"" + std::string(open.module->string(open.step->name)) + "\"",
                         source_place(*open.module, open.step->span)});
    }
    const auto& frames = fiber_.frames();
    if (!frames.empty() && frames.back().pc < frames.back().chunk->spans.size()) {
        const auto& span = frames.back().chunk->spans[frames.back().pc];
        const bool is_step = !steps_.empty() && steps_.back().step->span.line == span.line &&
                             steps_.back().step->span.column == span.column;
        if (span.line != 0 && !is_step) chain.push_back({"", source_place(*frames.back().module, span)});
    }
    return chain;
}

std::string WorkflowRun::current_place() const {
    const auto& frames = fiber_.frames();
    if (frames.empty() || frames.back().pc >= frames.back().chunk->spans.size())
        return describe_place(module_, workflow_.span);
    return describe_place(*frames.back().module, frames.back().chunk->spans[frames.back().pc]);
}

std::string WorkflowRun::current_step() const {
    if (steps_.empty()) return {};
    const auto& open = steps_.back();
    return std::string(open.module->string(open.step->name)) + " [" +
           std::string(open.module->string(open.step->type)) + "]";
}

std::string WorkflowRun::waiting_for() const {
    if (!waits_) return {};
    auto text =
        "waiting for " + last_.sent + ", " + describe_measured(test_.recorder().elapsed() - call_began_);
    if (call_timeout_ != Duration::max()) text += " of " + describe_duration(call_timeout_);
    return text;
}

report::EventPlace WorkflowRun::place() const {
    report::EventPlace place;
    place.span = span_;
    const auto& frames = fiber_.frames();
    if (frames.empty()) return place;
    place.module = frames.back().module->number + 1;
    if (frames.back().pc < frames.back().chunk->spans.size())
        place.line = frames.back().chunk->spans[frames.back().pc].line;
    return place;
}

// Running

io::Task<void> WorkflowRun::run() {
    exec::WorkflowInput input;
    for (const auto& entry : test_.environment().list({})) {
        const auto equals = entry.find('=');
        if (equals != std::string::npos)
            input.environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
    input.deepest_call = test_.settings().deepest_call;
    input.wall_clock_nanoseconds = [this] { return test_.host().wall_clock_nanoseconds(); };
    input.leaves_long_searches = true;
    fiber_.enter_workflow(module_, workflow_, std::move(input));
    co_await run_steps();
    co_await clients_.end(kGrace);
}

io::Task<void> WorkflowRun::run_steps() {
    int steps = 0;
    while (!test_.activity().stopped()) {
        test_.host().set_note_place(place());
        exec::Exit exit = test_.host().interpreter().run(fiber_);
        if (std::holds_alternative<exits::Finished>(exit)) co_return;
        if (std::holds_alternative<exits::Search>(exit)) {
            exec::WorkflowAccess access(fiber_);
            auto search = access.left_search();
            co_await test_.host().run_beside(search);
            access.give_back(std::move(search));
            continue;
        }
        bool good = false;
        if (auto* failed = std::get_if<exits::Failed>(&exit)) {
            good = fail_step(std::move(failed->message), {{}, failing_source()});
        } else {
            auto* const wanted = std::get_if<exec::WorkflowExit>(&exit);
            RELUX_ASSERT(wanted != nullptr, "a workflow has no markers and no shell");
            good = co_await perform(*wanted);
        }
        if (!good) co_return;
        if (++steps % kStepsOfATurn == 0) co_await give_way();
    }
    // Stopped between two steps, or within one that went on: what is open has not passed.
    if (!steps_.empty()) fail_step({});
}

io::Task<void> WorkflowRun::give_way() {
    io::Signal turn;
    test_.loop().post([&turn] { turn.notify_all(); });
    co_await turn.wait();
}

io::Task<bool> WorkflowRun::perform(exec::WorkflowExit& exit) {
    return std::visit([&](auto& wanted) { return perform(wanted); }, exit);
}

io::Task<bool> WorkflowRun::perform(exits::StepEnter& entered) {
    enter_step(*entered.step);
    co_return true;
}

io::Task<bool> WorkflowRun::perform(exits::StepLeave& left) {
    leave_step(Verdict::Pass, left.title.view(), {});
    co_return true;
}

io::Task<bool> WorkflowRun::perform(exits::StepFailed& failed) {
    co_return fail_step(std::move(failed.message), circumstances());
}

io::Task<bool> WorkflowRun::perform(exits::Print& print) {
    test_.recorder().record(place(), events::Printed{.text = print.text.view()});
    for (auto& line : lines_of(print.text.view()))
        printed_.push_back(std::move(line));
    fiber_.resume_with(exec::Value());
    co_return true;
}

clients::CallLimits WorkflowRun::limits(const Timeout& own) {
    const auto timeout = own.there() ? test_.effective(own) : Duration::max();
    return clients::CallLimits(timeout, &cancellation_);
}

std::string_view WorkflowRun::name_of(Action action) {
    switch (action) {
        case Action::Http:
            return "http";
        case Action::Query:
            return "db";
        case Action::Commands:
            return "shell";
    }
    RELUX_UNREACHABLE("action out of range");
}

void WorkflowRun::begin_call(Action action, std::string sent, const Timeout& timeout) {
    call_timeout_ = limits(timeout).timeout;
    call_began_ = test_.recorder().elapsed();
    last_ = {action, std::move(sent), {}};
    waits_ = !last_.sent.empty();
    const auto effective = call_timeout_ == Duration::max() ? Duration(0) : call_timeout_;
    test_.recorder().record(
        place(), events::Request{.action = name_of(action), .sent = last_.sent, .effective = effective});
}

/// Members of what is sent and of what comes back are secret by their names, as variables are.
void WorkflowRun::learn_secrets(const data::Json& value) {
    if (!value.is_structured()) return;
    for (const auto& [name, member] : value.items()) {
        const auto* text = data::text_of(member);
        if (text != nullptr && value.is_object()) test_.secrets().learn(name, *text);
        learn_secrets(member);
    }
}

/// Gives the answer to the step that waits for it, or fails the step.
bool WorkflowRun::take(Document answer) {
    const auto elapsed = test_.recorder().elapsed() - call_began_;
    const auto action = name_of(last_.action);
    waits_ = false;
    if (!answer) {
        test_.recorder().record(
            place(),
            events::NoAnswer{.action = action, .reason = answer.error().message, .elapsed = elapsed});
        return fail_step(answer.error().message);
    }
    learn_secrets(*answer);
    last_.answer = data::shown(*answer);
    test_.recorder().record(place(),
                            events::Answer{.action = action, .received = last_.answer, .elapsed = elapsed});
    WorkflowAccess(fiber_).resume_with(std::move(*answer));
    return true;
}

io::Task<bool> WorkflowRun::perform(exits::HttpRequest& wanted) {
    const auto request = WorkflowAccess(fiber_).request();
    const auto connections = fiber_.workflow()->connections();
    learn_secrets(request);
    for (const auto* map : {&request, &connections}) {
        for (const auto& value : authorising_values(*map, test_.secrets()))
            test_.secrets().learn("secret", value);
    }
    const auto* debug = data::find_member(connections, "http_debug");
    const bool shown = debug != nullptr && *debug == true;
    if (shown) debug_ = debug_request(request, connections, test_.secrets());
    begin_call(Action::Http, describe_http(request), wanted.timeout);
    auto answer = co_await clients_.http(request, connections, limits(wanted.timeout));
    if (shown && answer) {
        for (auto& line : debug_response(*answer, test_.secrets()))
            debug_.push_back(std::move(line));
    }
    co_return take(std::move(answer));
}

io::Task<bool> WorkflowRun::perform(exits::Query& wanted) {
    const auto request = WorkflowAccess(fiber_).request();
    const auto connections = fiber_.workflow()->connections();
    learn_secrets(connections);
    begin_call(Action::Query, describe_query(request), wanted.timeout);
    auto answer = co_await clients_.query(request, connections, limits(wanted.timeout));
    co_return take(std::move(answer));
}

void WorkflowRun::note_commands(const data::Json& request) {
    SentLines lines(test_.environment().list({}), test_.secrets(), test_.sent_names());
    if (const auto* directory = data::find_member(request, "dir"); directory != nullptr)
        test_.sent_names().directories.insert(data::render_text(*directory));
    const auto* listed = data::find_member(request, "commands");
    if (listed == nullptr) return;
    for (const auto& command : *listed) {
        lines.add(data::render_text(command));
        lines.finish();
    }
}

io::Task<bool> WorkflowRun::perform(exits::RunCommands& wanted) {
    const auto request = WorkflowAccess(fiber_).request();
    begin_call(Action::Commands, describe_commands(request), wanted.timeout);
    if (test_.settings().notes_sends) note_commands(request);
    auto outcome = co_await clients_.commands(request, limits(wanted.timeout));
    fiber_.workflow()->set_outputs(std::move(outcome.outputs));
    co_return take(std::move(outcome.document));
}

// Steps

void WorkflowRun::enter_step(const bytecode::Step& step) {
    OpenStep open;
    open.module = fiber_.frames().back().module;
    open.step = &step;
    open.began = test_.recorder().elapsed();
    open.outer_span = span_;
    auto at = place();
    at.line = step.span.line;
    open.span =
        test_.recorder().record(at, events::WorkflowStep{.name = open.module->string(step.name),
                                                         .step_type = open.module->string(step.type),
                                                         .key_path = open.module->string(step.key_path)});
    span_ = open.span;
    printed_.clear();
    debug_.clear();
    last_ = {};
    steps_.push_back(open);
}

void WorkflowRun::leave_step(Verdict verdict, std::string_view title,
                             const std::vector<std::string>& details) {
    struct Words {
        std::string_view shown, recorded, progress;
    };
    static constexpr Words kWords[] = {
        {"PASS", "pass", "."}, {"FAIL", "fail", ""}, {"IGNORED", "ignored", "!"}};
    const auto& words = kWords[static_cast<std::size_t>(verdict)];
    const auto open = steps_.back();
    steps_.pop_back();
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(test_.recorder().elapsed() - open.began)
            .count();
    std::string line = "  " + std::string(words.shown);
    line.resize(10, ' ');
    line += visible(title, false) + " [" + std::string(open.module->string(open.step->type)) + "] " +
            std::to_string(took) + " ms";
    show(std::move(line));
    // The steps around this one have printed and exchanged nothing of it.
    last_ = {};
    for (const auto& text : std::exchange(printed_, {}))
        show("          " + visible(text, false));
    for (const auto& text : std::exchange(debug_, {}))
        show("          " + visible(text, false));
    for (const auto& detail : details)
        show("          " + visible(detail, false));
    test_.recorder().end_span(open.span, words.recorded);
    span_ = open.outer_span;
    test_.recorder().progress(words.progress);
}

/// Collects what a server was asked and has answered, when that is wrong, and the source that has failed.
WorkflowRun::Circumstances WorkflowRun::circumstances() const {
    Circumstances shown;
    const bool asked_a_server = !last_.answer.empty() && last_.action != Action::Commands;
    if (asked_a_server) shown.exchange = {"sent: " + last_.sent, "came back: " + last_.answer};
    shown.source = failing_source();
    return shown;
}

/// The line of the template or path that could not be evaluated; what a step has checked and found wrong says
/// all that there is to say.
std::string WorkflowRun::failing_source() const {
    const auto& frame = fiber_.frames().back();
    const auto& info = bytecode::opcode_info(frame.chunk->code[frame.pc].opcode());
    if ((info.effects & bytecode::kEnds) != 0) return {};
    const auto place = source_place(*frame.module, frame.chunk->spans[frame.pc]);
    if (place.line == 0) return {};
    auto text = "at " + describe_place(*frame.module, frame.chunk->spans[frame.pc]);
    const auto begin = place.text.find_first_not_of(" \t");
    if (begin != std::string::npos) text += ": " + place.text.substr(begin);
    return text;
}

/// True: the workflow goes on.
bool WorkflowRun::fail_step(std::string message, const Circumstances& more) {
    // A test that is stopped has its failure already.
    if (test_.activity().stopped()) {
        const auto& failure = test_.latch().failure();
        message = failure ? failure->summary : "stopped";
    }
    const auto chain = this->chain();
    const auto details = lines_of(message);
    auto shown_details = details;
    shown_details.insert(shown_details.end(), more.exchange.begin(), more.exchange.end());
    if (!more.source.empty()) shown_details.push_back(more.source);
    WorkflowAccess access(fiber_);
    std::string first;
    while (const auto left = access.leave_failed_step()) {
        const bool ignored = left->step->ignore_error && !test_.activity().stopped();
        auto shown = shown_details;
        if (left->is_container) shown = {"step " + first + " failed"};
        leave_step(ignored ? Verdict::Ignored : Verdict::Fail, left->title, shown);
        if (ignored) {
            access.ignore();
            return true;
        }
        if (first.empty()) first = left->title;
    }
    if (test_.activity().stopped()) return false;
    if (first.empty()) {
        for (const auto& detail : shown_details)
            show("          " + visible(detail, false));
    }
    const auto summary =
        (first.empty() ? std::string("workflow failed: ") : "step '" + first + "' failed: ") +
        (details.empty() ? std::string() : details.front());
    std::vector<std::string> notes(details.empty() ? details.begin() : details.begin() + 1, details.end());
    notes.insert(notes.end(), more.exchange.begin(), more.exchange.end());
    fail_workflow(summary, std::move(notes), chain);
    return false;
}

void WorkflowRun::fail_workflow(std::string summary, std::vector<std::string> details,
                                std::vector<report::FailureFrame> chain) {
    report::Failure failure;
    failure.kind = report::FailureKind::Step;
    failure.summary = visible(summary, false);
    failure.chain = std::move(chain);
    for (auto& detail : details)
        failure.notes.push_back(visible(detail, false));
    test_.fail(std::move(failure));
}

void WorkflowRun::show(std::string line) {
    show_(test_.secrets().search().mask(line) + "\n");
}

}  // namespace relux::run

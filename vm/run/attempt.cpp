#include "vm/run/attempt.h"

#include <algorithm>
#include <cmath>

#include "vm/report/run_mode.h"
#include "vm/run/workflow_run.h"

namespace relux::run {

namespace {

/// Names the logs of a shell, if there is no other of that name; `effect` is empty in a test.
std::string shell_label(std::string_view effect, std::string_view shell) {
    return effect.empty() ? std::string(shell) : std::string(effect) + "." + std::string(shell);
}

/// Releases a shell to whoever waits for it next.
class ShellUse {
  public:
    explicit ShellUse(Shell& shell) : shell_(shell) { shell_.busy = true; }
    ShellUse(const ShellUse&) = delete;
    ShellUse& operator=(const ShellUse&) = delete;
    ~ShellUse() {
        shell_.busy = false;
        shell_.released.notify_all();
    }

  private:
    Shell& shell_;
};

}  // namespace

Attempt::Attempt(RunResources& resources, const TestCase& test, const exec::LinkedModule& module, int attempt)
    : test_case_(test),
      module_(module),
      test_(module.code.tests[test.number]),
      markers_(reached_markers(module, module.code.scopes[test_.scope])),
      context_(resources, resources.settings.run_directory / test.log_directory(),
               std::pow(resources.settings.flaky_multiplier, attempt), test.environment, attempt) {
    auto& environment = context_.environment();
    const auto& settings = context_.settings();
    environment.set("__RELUX", settings.program);
    environment.set("__RELUX_RUN_ID", settings.run_id);
    environment.set("__RELUX_RUN_ARTIFACTS", (settings.run_directory / "artifacts").string());
    environment.set("__RELUX_SHELL_PROMPT", settings.shell.prompt);
    environment.set("__RELUX_SUITE_ROOT", settings.suite_root.string());
    environment.set("__RELUX_TEST_ID", test.log_directory());
    environment.set("__RELUX_TEST_ARTIFACTS", (context_.log_directory() / "artifacts").string());
    environment.set("__RELUX_TEST_ROOT", (settings.suite_root / module.code.name).parent_path().string());
    environment.set("PS1", settings.shell.prompt);
    environment.set("PS2", "");
    environment.set("PROMPT_COMMAND", "");
    // Lines that tests type are no history of the user's. bash writes that when it is hung up, by a rename
    // for which some file systems wait for the disk.
    environment.set("HISTFILE", "");
    environment.set("TERM", settings.shell.term);
    context_.shell_need = exec::shell_need_of(module, test_);
}

Attempt::~Attempt() = default;

// From outside

void Attempt::cancel(const report::Cancellation& why) {
    // One that has failed has stopped already; nobody is in a hurry because of the failure of another.
    if (why.reason == "fail-fast" && context_.latch().failure()) return;
    context_.latch().interrupt();
    for (const auto& instance : instances_) {
        for (const auto& shell : instance->shells)
            shell->wake();
    }
    report::Failure failure;
    failure.kind = report::FailureKind::Cancelled;
    failure.summary = why.summary();
    failure.cancellation = why;
    if (why.limit > Duration::zero())
        failure.notes.push_back("the time-out of the whole run, " + describe_duration(why.limit) + ", from " +
                                why.origin + ", was exceeded");
    describe_running(failure);
    context_.fail(std::move(failure));
}

RunningTest Attempt::describe() const {
    RunningTest running;
    running.test = &test_case_;
    running.elapsed = context_.recorder().elapsed();
    if (workflow_) {
        const auto& secrets = context_.secrets().search();
        running.at.push_back({"", secrets.mask(workflow_->current_step()), workflow_->current_place(),
                              secrets.mask(workflow_->waiting_for())});
    }
    for (const auto* chunk_run : context_.chunk_runs) {
        RunningStatement statement;
        statement.place = chunk_run->current_place();
        if (const auto* shell = chunk_run->shell(); shell != nullptr) {
            statement.shell = shell->shown_name();
            statement.waiting_for = context_.secrets().search().mask(shell->waiting_for());
        }
        running.at.push_back(std::move(statement));
    }
    return running;
}

void Attempt::kill() {
    killed_ = true;
    cancel({"sigint", {}, {}});
    if (cleanup_ != nullptr) cleanup_->stop();
    for (const auto& instance : instances_) {
        for (const auto& shell : instance->shells)
            shell->kill();
    }
}

void Attempt::arm_test_timeout() {
    const auto& module = module_;
    const auto& test = test_;
    Timeout timeout{TimeoutKind::Tolerance, context_.settings().timeout.test};
    auto origin = context_.settings().timeout.test_origin;
    if (test.timeout_kind != TimeoutKind::None) {
        timeout = {test.timeout_kind, Duration(module.code.durations[test.timeout])};
        origin = "the test's own, at " + describe_place(module, module.code.scopes[test.scope].span);
    }
    const auto applied = report::AppliedTimeout::of(timeout, context_.multiplier(), std::move(origin));
    const auto now = context_.loop().now();
    test_timer_ = context_.loop().make_timer([this, applied] {
        report::Failure failure;
        failure.kind = report::FailureKind::TestTimeout;
        failure.summary = "test timeout (" + describe_duration(applied.effective) + ") exceeded";
        failure.timeout = applied;
        if (context_.settings().test_timeout_cancels)
            failure.cancellation = {"test-timeout", applied.effective, {}};
        describe_running(failure);
        context_.fail(std::move(failure));
    });
    test_timer_->arm(applied.effective > io::Time::max() - now ? io::Time::max() : now + applied.effective);
}

// The life of a test

std::error_code Attempt::create_directories() const {
    if (!context_.settings().reports) return {};
    return report::make_directories_below(context_.log_directory() / "artifacts");
}

report::OutcomeKind Attempt::outcome_of(const report::Failure& failure) const {
    const bool cancelled =
        failure.kind == report::FailureKind::Cancelled ||
        (failure.kind == report::FailureKind::TestTimeout && context_.settings().test_timeout_cancels);
    return cancelled ? report::OutcomeKind::Cancelled : report::OutcomeKind::Failed;
}

bool Attempt::will_be_retried() const {
    const auto& failure = context_.latch().failure();
    return failure && failure->kind != report::FailureKind::Cancelled && flaky_ && may_retry && may_retry();
}

void Attempt::note_failed() {
    if (will_be_retried()) return context_.latch().interrupt();
    if (on_failed && outcome_of(*context_.latch().failure()) == report::OutcomeKind::Failed) on_failed();
}

io::Task<void> Attempt::run(report::TestResult& result) {
    const auto& module = module_;
    const auto& scope = module.code.scopes[test_.scope];
    const auto started = context_.loop().now();
    context_.latch().on_failed = [this] { note_failed(); };
    const auto no_directories = create_directories();
    const auto decision =
        evaluate_markers(context_.host().interpreter(), context_.environment(), markers_, &context_);
    flaky_ = decision.flaky;
    if (no_directories) {
        report::Failure failure;
        failure.summary = "runtime error: cannot create " + context_.log_directory().string() + ": " +
                          no_directories.message();
        context_.fail(std::move(failure));
    }
    if (decision.malformed && !context_.latch().failure()) {
        result.outcome = report::OutcomeKind::Invalid;
        result.skip_reason = decision.malformed->text();
    } else if (decision.skip && !context_.latch().failure()) {
        result.outcome = report::OutcomeKind::Skipped;
        result.skip_reason = decision.reason;
    } else {
        if (!decision.error.empty()) {
            report::Failure failure;
            failure.summary = "runtime error in a marker: " + decision.error;
            context_.fail(std::move(failure));
        }
        arm_test_timeout();
        instances_.push_back(
            std::make_unique<ScopeInstance>(context_, module, scope, nullptr, nullptr, nullptr));
        refuse_if_too_large();
        if (test_.workflow != bytecode::kNone) {
            co_await run_workflow();
        } else {
            co_await run_body();
        }
        test_timer_->disarm();
    }
    co_await context_.shells().end_early();
    if (context_.latch().failure()) {
        result.failure = context_.latch().failure();
        result.outcome = outcome_of(*result.failure);
    }
    result.warnings = context_.recorder().take_warnings();
    result.progress = context_.recorder().progress();
    result.output = std::move(output_);
    result.executables_found = context_.host().executables();
    for (const auto& [name, value] : context_.host().variables_read())
        result.variables_read.emplace(name, value);
    for (const auto& name : context_.host().unset_read())
        result.variables_read.emplace(name, std::nullopt);
    result.sent = std::move(context_.sent_names());
    for (const auto& name : result.sent.variables) {
        const auto value = context_.environment().find(name);
        result.variables_read.emplace(name, value ? std::optional<std::string>(*value) : std::nullopt);
    }
    result.duration = context_.loop().now() - started;
    context_.host().give_back_ports();
}

void Attempt::refuse_if_too_large() {
    if (context_.latch().failure()) return;
    const auto reason = context_.resources().shared.pool.refusal(context_.shell_need.least);
    if (!reason) return;
    report::Failure failure;
    failure.summary = "runtime error: " + *reason;
    instances_[0]->describe_chain(failure.chain);
    context_.fail(std::move(failure));
}

io::Task<void> Attempt::run_body() {
    auto& test = *instances_[0];
    if (!context_.activity().stopped()) co_await set_up(test);
    // A failure or a time-out has its say until here; cleanups are bounded by themselves.
    test_timer_->disarm();
    if (auto* trace = context_.recorder().trace()) trace->begin_teardown();
    count_cleanups();
    if (cleanups_left_ == 0) wind_down();
    std::vector<Shell*> own;
    std::vector<Shell*> of_effects;
    for (const auto& shell : test.shells)
        own.push_back(shell.get());
    for (std::size_t i = 1; i < instances_.size(); ++i) {
        for (const auto& shell : instances_[i]->shells)
            of_effects.push_back(shell.get());
    }
    co_await end_shells(std::move(own));
    co_await end_shells(std::move(of_effects));
    explain_late();
    if (context_.settings().leftover_fails) fail_for_leftovers();
    co_await clean_up();
}

// A cleanup may do anything to whatever is running, so nothing is started before the last one is over.
void Attempt::count_cleanups() {
    for (const auto* instance : set_up_order_)
        cleanups_left_ += instance->cleans_up && instance->scope().cleanup != bytecode::kNone;
    cleanups_left_ += instances_[0]->scope().cleanup != bytecode::kNone;
}

void Attempt::wind_down() {
    if (on_winding_down && !context_.latch().failure()) on_winding_down();
}

// Markers decide whether anything of the test runs at all, and by code of its own.
void Attempt::start_early_shells() {
    if (!markers_.empty() || test_.workflow != bytecode::kNone || create_directories()) return;
    std::vector<exec::EffectTarget> seen;
    start_early_shells(module_, module_.code.scopes[test_.scope], {}, seen);
}

void Attempt::start_early_shells(const exec::LinkedModule& module, const bytecode::Scope& scope,
                                 std::string_view effect, std::vector<exec::EffectTarget>& seen) {
    for (const auto& start : scope.starts) {
        // The contents of an overlay are known when it has been evaluated.
        if (start.overlay != bytecode::kNone || !start.waits_for.empty()) continue;
        const auto& target = module.effects[start.effect];
        if (std::find(seen.begin(), seen.end(), target) != seen.end()) continue;
        seen.push_back(target);
        const auto alias = start.alias == bytecode::kNone ? target.name() : module.string(*start.alias);
        start_early_shells(*target.module, target.scope(), alias, seen);
    }
    if (!scope.starts.empty() || scope.blocks.empty()) return;
    const auto& frame = scope.frames[scope.blocks.front().frame];
    if (frame.start != bytecode::kNone) return;
    const auto label = shell_label(effect, module.string(frame.name));
    context_.shells().start_early(context_.shells().options(label, context_.environment().list({})));
}

io::Task<void> Attempt::run_workflow() {
    const auto show = [this](std::string_view line) {
        output_.emplace_back(line.substr(0, line.size() - 1));
        const auto& listen = context_.resources().on_output;
        if (listen) listen(test_case_, line);
    };
    if (!context_.activity().stopped()) {
        workflow_ =
            std::make_unique<WorkflowRun>(context_, module_, module_.code.workflows[test_.workflow], show);
        co_await workflow_->run();
        workflow_.reset();
    }
    test_timer_->disarm();
}

void Attempt::fail_for_leftovers() {
    report::Failure failure;
    failure.kind = report::FailureKind::Leftover;
    std::size_t count = 0;
    for (const auto& instance : instances_) {
        for (const auto& shell : instance->shells) {
            for (const auto& leftover : shell->leftovers()) {
                ++count;
                failure.notes.push_back("shell '" + shell->name() + "': " + leftover.text);
            }
        }
    }
    if (count == 0) return;
    failure.summary =
        std::to_string(count) + (count == 1 ? " process was" : " processes were") + " left running";
    instances_[0]->describe_chain(failure.chain);
    context_.fail(std::move(failure));
}

io::Task<void> Attempt::set_up(ScopeInstance& instance) {
    const auto& scope = instance.scope();
    const auto& module = instance.module();
    const bool is_effect = instance.effect() != nullptr;
    if (is_effect) context_.recorder().progress("{");
    bool good = true;
    if (scope.declarations != bytecode::kNone) {
        ChunkRun chunk_run(context_, instance, "", scope.span);
        chunk_run.set_span(instance.span);
        good = co_await chunk_run.run_pure(instance.declarations, module.code.chunks[scope.declarations]);
        if (!good) context_.fail(std::move(chunk_run.failure()));
    }
    if (good && !scope.starts.empty()) {
        io::Scope starts;
        for (std::size_t i = 0; i < scope.starts.size(); ++i)
            starts.start(start_effect(instance, i));
        co_await starts.join();
    }
    good = good && std::all_of(instance.started.begin(), instance.started.end(),
                               [](const auto* started) { return started != nullptr && started->complete; });
    // Language 10: an effect whose lets or dependencies have failed has set up nothing that it could clean
    // up.
    instance.cleans_up = good && is_effect;
    instance.complete = good;
    for (const auto& block : scope.blocks) {
        instance.complete = instance.complete && !context_.activity().stopped();
        if (!instance.complete) break;
        instance.complete = co_await run_block(instance, block);
    }
    if (is_effect) {
        std::vector<Shell*> hidden;
        for (const auto& shell : instance.shells) {
            if (!instance.exposes(*shell)) hidden.push_back(shell.get());
        }
        co_await end_shells(std::move(hidden));
        if (good && !context_.activity().stopped()) record_exposes(instance);
        context_.recorder().end_span(instance.span);
        context_.recorder().progress("}");
    }
    if (is_effect) set_up_order_.push_back(&instance);
    instance.ready = true;
    instance.became_ready.notify_all();
}

io::Task<void> Attempt::start_effect(ScopeInstance& instance, std::size_t index) {
    const auto& start = instance.scope().starts[index];
    for (const auto other : start.waits_for) {
        // The other start registers its instance and wakes us, also when it fails.
        while (!context_.activity().stopped() &&
               (instance.started[other] == nullptr || !instance.started[other]->ready)) {
            auto& signal = instance.started[other] == nullptr ? instance.became_ready
                                                              : instance.started[other]->became_ready;
            co_await signal.wait();
        }
    }
    if (context_.activity().stopped()) {
        instance.became_ready.notify_all();
        co_return;
    }
    std::vector<std::pair<std::string_view, exec::Value>> overlay;
    if (start.overlay != bytecode::kNone) {
        ChunkRun chunk_run(context_, instance, "", start.span);
        chunk_run.set_span(instance.span);
        instance.declarations.overlay.clear();
        const bool good =
            co_await chunk_run.run_pure(instance.declarations, instance.module().code.chunks[start.overlay]);
        if (!good) {
            auto& failure = chunk_run.failure();
            failure.overlay_of = instance.module().effects[start.effect].name();
            context_.fail(std::move(failure));
            instance.became_ready.notify_all();
            co_return;
        }
        overlay = std::move(instance.declarations.overlay);
    }
    bool fresh = false;
    auto& effect = instance_for(instance, index, overlay, fresh);
    instance.started[index] = &effect;
    instance.became_ready.notify_all();
    const auto span = begin_setup(instance, index, overlay, effect, !fresh);
    const auto alias =
        start.alias == bytecode::kNone ? std::string_view() : instance.module().string(*start.alias);
    instance.acquired.push_back({&effect, alias, span});
    ++effect.users;
    auto& statistics = context_.resources().statistics;
    if (fresh) {
        effect.span = span;
        const auto since = context_.loop().now();
        co_await set_up(effect);
        statistics.effects.add(context_.loop().now() - since);
    } else {
        ++statistics.shared;
        context_.recorder().end_span(span);
        while (!effect.ready)
            co_await effect.became_ready.wait();
    }
}

ScopeInstance& Attempt::instance_for(ScopeInstance& starter, std::size_t index,
                                     const std::vector<std::pair<std::string_view, exec::Value>>& overlay,
                                     bool& fresh) {
    const auto& start = starter.scope().starts[index];
    const auto& target = starter.module().effects[start.effect];
    auto instance = std::make_unique<ScopeInstance>(context_, *target.module, target.scope(), target.effect,
                                                    &starter, &start);
    for (const auto& [key, value] : overlay)
        instance->overlay.emplace_back(key, value);
    // Identity: the definition and the values of what it expects (language 10), each with its length in
    // front.
    std::string identity = target.module->code.name + "\n" + std::string(target.name());
    for (const auto expected : target.effect->expects) {
        const auto value = instance->environment(target.module->string(expected));
        identity += "\n" + std::to_string(value.view().size()) + ":" + std::string(value.view());
    }
    auto& known = by_identity_[identity];
    fresh = known == nullptr;
    if (fresh) {
        known = instance.get();
        known->marker = std::string(known->name()) + "-" + std::to_string(instances_.size());
        tell_apart(*known);
        instances_.push_back(std::move(instance));
    }
    return *known;
}

void Attempt::tell_apart(ScopeInstance& fresh) {
    for (const auto& instance : instances_) {
        if (instance->effect() != fresh.effect()) continue;
        fresh.one_of_several = true;
        if (!std::exchange(instance->one_of_several, true)) {
            for (const auto& shell : instance->shells)
                shell->rename(instance->shown_name_of(*shell));
        }
    }
}

// Shells

Shell& Attempt::open_shell(ScopeInstance& instance, ShellPurpose purpose, std::string_view name,
                           Activity& activity, std::string label) {
    auto shell = std::make_unique<Shell>(context_, activity, purpose, std::string(name),
                                         context_.shells().unique_name(std::move(label)),
                                         context_.environment().list(instance.overlay_environment()));
    auto& opened = *shell;
    instance.shells.push_back(std::move(shell));
    return opened;
}

void Attempt::fail_from(Shell& shell, report::Failure failure) {
    // The chunk that was executing: preferably in that shell, else whatever the test waits in.
    ChunkRun* running = context_.chunk_runs.empty() ? nullptr : context_.chunk_runs.back();
    for (auto* chunk_run : context_.chunk_runs) {
        if (chunk_run->shell() == &shell) running = chunk_run;
    }
    if (running != nullptr) {
        failure.chain = running->chain();
        failure.span = running->current_span();
    }
    context_.fail(std::move(failure));
}

io::Task<bool> Attempt::acquire(Shell& shell, Activity& activity) {
    while (shell.busy)
        co_await shell.released.wait();
    co_return !activity.stopped();
}

namespace {

/// Names a shell that an effect has handed over: `Alias(Effect).name`.
std::string handed_over_name(const exec::LinkedModule& module, const bytecode::Scope& scope,
                             const bytecode::Frame& frame) {
    const auto& start = scope.starts[frame.start];
    std::string name(module.effects[start.effect].name());
    if (start.alias != bytecode::kNone) name = std::string(module.string(*start.alias)) + "(" + name + ")";
    return name + "." + std::string(module.string(frame.name));
}

}  // namespace

io::Task<bool> Attempt::run_block(ScopeInstance& instance, const bytecode::Block& block) {
    const auto& scope = instance.scope();
    const auto& module = instance.module();
    const auto& frame = scope.frames[block.frame];
    const auto name = module.string(frame.name);
    std::string as_written;
    if (frame.start != bytecode::kNone && scope.starts[frame.start].alias != bytecode::kNone) {
        as_written += std::string(module.string(*scope.starts[frame.start].alias)) + ".";
    }
    as_written += name;
    Shell* shell = instance.find_shell(frame);
    const bool opens = shell == nullptr;
    if (opens) {
        RELUX_ASSERT(frame.start == bytecode::kNone, "an exposed shell is open when its effect is ready");
        const bool is_effect = instance.effect() != nullptr;
        auto label = shell_label(is_effect ? instance.label() : std::string_view(), name);
        shell = &open_shell(instance, ShellPurpose::Block, name, context_.activity(), std::move(label));
        if (instance.one_of_several) shell->rename(instance.shown_name_of(*shell));
        shell->on_fail_pattern = [this, shell](report::Failure failure) {
            fail_from(*shell, std::move(failure));
        };
        shell->on_fail_line = [this](const report::Failure& failure) { context_.latch().amend(failure); };
    }
    const bool acquired = co_await acquire(*shell, context_.activity());
    if (!acquired) co_return false;
    const ShellUse use(*shell);
    if (frame.start != bytecode::kNone) shell->rename(handed_over_name(module, scope, frame));
    ChunkRun chunk_run(context_, instance, "shell " + as_written, block.span);
    report::EventPlace place;
    place.shell = shell->number();
    place.span = instance.span;
    // The place of the block is its name.
    auto header = block.span;
    header.column = std::max(
        header.column,
        header.end_column - std::min(header.end_column, static_cast<std::uint32_t>(as_written.size())));
    set_statement(place, module, header);
    const auto span = context_.recorder().record(place, events::ShellBlock{.shell = as_written});
    place.span = span;
    chunk_run.set_span(span);
    chunk_run.explain_with(
        [this](const report::Failure& failure, const Shell& own) { return explain(failure, own); });
    bool good = true;
    if (opens) good = co_await chunk_run.start_shell(*shell);
    if (good) {
        context_.recorder().record(place, events::ShellSwitch{.name = shell->name()});
        good = co_await chunk_run.run_in_shell(*instance.fibers[block.frame], module.code.chunks[block.chunk],
                                               frame.variable_count, *shell);
    }
    if (chunk_run.failed()) context_.fail(std::move(chunk_run.failure()));
    shell->set_span(instance.span);
    context_.recorder().end_span(span);
    co_return good;
}

io::Task<void> Attempt::end_shell(Shell& shell) {
    co_await shell.end(killed_);
}

io::Task<void> Attempt::end_shells(std::vector<Shell*> shells) {
    io::Scope ending;
    for (Shell* shell : shells)
        ending.start(end_shell(*shell));
    co_await ending.join();
}

}  // namespace relux::run

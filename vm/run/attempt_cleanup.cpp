// Cleanups of an attempt, and which start of an effect is released where.
#include "vm/run/attempt.h"

namespace relux::run {

namespace {

/// Reports call the shell of a cleanup block so.
constexpr std::string_view kCleanupShell = "__cleanup";

/// Language 13: all of one cleanup block, a tolerance.
constexpr Timeout kCleanupLimit{TimeoutKind::Tolerance, std::chrono::seconds(30)};

}  // namespace

io::Task<void> Attempt::clean_up() {
    auto& test = *instances_[0];
    co_await run_cleanup(test, 0);
    release(test, 0);
    for (auto at = set_up_order_.rbegin(); at != set_up_order_.rend(); ++at) {
        auto& effect = **at;
        // An effect that has failed is nobody's.
        const auto span =
            record_release(effect, effect.last_use, effect.complete ? effect.cleanup_parent : 0, false);
        if (effect.cleans_up) co_await run_cleanup(effect, span);
        // A span lasts as long as the clean-up of its effect. That of a dependency, which belongs to it,
        // comes later: by then others may have been cleaned up, as the order is that of the set-ups.
        context_.recorder().end_span(span);
        release(effect, span);
    }
}

void Attempt::release(ScopeInstance& scope, std::uint32_t span) {
    for (const auto& use : scope.acquired) {
        auto& effect = *use.effect;
        effect.last_use = use;
        effect.cleanup_parent = span;
        if (--effect.users > 0) context_.recorder().end_span(record_release(effect, use, span, true));
    }
}

std::uint32_t Attempt::record_release(const ScopeInstance& effect, const ScopeInstance::Acquired& use,
                                      std::uint32_t parent, bool deferred) {
    report::EventPlace place;
    place.span = parent;
    return context_.recorder().record(place, events::EffectCleanup{.effect = effect.name(),
                                                                   .alias = use.alias,
                                                                   .setup_span = use.setup_span,
                                                                   .marker = effect.marker,
                                                                   .is_deferred = deferred});
}

io::Task<void> Attempt::run_cleanup(ScopeInstance& instance, std::uint32_t parent) {
    const auto& scope = instance.scope();
    if (scope.cleanup == bytecode::kNone || killed_) co_return;
    Activity activity;
    cleanup_ = &activity;
    bool too_long = false;
    auto limit = context_.loop().make_timer([&activity, &too_long] {
        too_long = true;
        activity.stop();
    });
    limit->arm(context_.loop().now() + context_.effective(kCleanupLimit));
    std::string hit;
    const std::string label =
        instance.effect() != nullptr ? std::string(instance.name()) + ".cleanup" : std::string("cleanup");
    auto& shell = open_shell(instance, ShellPurpose::Cleanup, kCleanupShell, activity, label);
    shell.on_fail_pattern = [&activity, &hit](const report::Failure& failure) {
        hit = failure.summary;
        activity.stop();
    };
    shell.on_fail_line = [&hit](const report::Failure& failure) { hit = failure.summary; };
    const auto& chunk = instance.module().code.chunks[scope.cleanup];
    // The end of the chunk has the place of the block.
    const auto header = chunk.spans.back();
    report::EventPlace place;
    place.span = parent;
    place.shell = shell.number();
    set_statement(place, instance.module(), header);
    const auto span = context_.recorder().record(place, events::CleanupBlock{});
    place.span = span;
    {
        ChunkRun chunk_run(context_, instance, "cleanup", header);
        chunk_run.set_span(span);
        bool good = co_await chunk_run.start_shell(shell);
        exec::Fiber fiber;
        if (good) {
            context_.recorder().record(place, events::ShellSwitch{.name = shell.name()});
            good = co_await chunk_run.run_in_shell(fiber, chunk, 0, shell);
        }
        if (!good) {
            co_await shell.finish_line();
            std::string reason = chunk_run.failed() ? chunk_run.failure().summary : hit;
            if (reason.empty()) reason = too_long ? "cancelled (cleanup timeout)" : "cancelled (sigint)";
            context_.recorder().warn("cleanup of " + std::string(instance.name()) + " failed: " + reason,
                                     place);
        }
    }
    limit->disarm();
    if (--cleanups_left_ == 0) wind_down();
    co_await shell.end(killed_);
    context_.recorder().end_span(span);
    cleanup_ = nullptr;
    std::erase_if(instance.shells, [&](const auto& candidate) { return candidate.get() == &shell; });
}

}  // namespace relux::run

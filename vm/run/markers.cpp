// Conditions are evaluated one after the other, on the loop, before any shell is started.
#include "vm/run/markers.h"

#include <set>
#include <variant>

#include "vm/base/assert.h"
#include "vm/base/text.h"
#include "vm/run/attempt_context.h"
#include "vm/run/scope_instance.h"

namespace relux::run {

namespace {

using bytecode::OperandKind;

/// Walks calls and starts depth first.
class Reach {
  public:
    std::vector<ReachedMarker> take() { return std::move(markers_); }

    void visit_scope(const exec::LinkedModule& module, const bytecode::Scope& scope) {
        if (!seen_.insert(&scope).second) return;
        add(module, scope.markers);
        visit_chunk(module, scope.declarations);
        for (const auto& start : scope.starts)
            visit_chunk(module, start.overlay);
        for (const auto& block : scope.blocks)
            visit_chunk(module, block.chunk);
        visit_chunk(module, scope.cleanup);
        for (const auto& start : scope.starts) {
            const auto& target = module.effects[start.effect];
            visit_scope(*target.module, target.scope());
        }
    }

  private:
    void add(const exec::LinkedModule& module, const std::vector<bytecode::Marker>& markers) {
        for (const auto& marker : markers)
            markers_.push_back({&module, &marker});
    }
    void visit_chunk(const exec::LinkedModule& module, bytecode::OptionalIndex<bytecode::Chunk> index) {
        if (index == bytecode::kNone) return;
        for (const auto instruction : module.code.chunks[index].code) {
            if (bytecode::opcode_info(instruction.opcode()).b != OperandKind::FunctionRef) continue;
            const auto& target = module.functions[instruction.b()];
            if (!seen_.insert(target.function).second) continue;
            add(*target.module, target.function->markers);
            visit_chunk(*target.module, target.function->chunk);
        }
    }
    std::set<const void*> seen_;
    std::vector<ReachedMarker> markers_;
};

/// One marker in the event log of a test; without a test, nothing.
class MarkerSpan {
  public:
    MarkerSpan(AttemptContext* test, std::uint32_t parent, const ReachedMarker& reached) : test_(test) {
        if (test == nullptr) return;
        const auto& [module, marker] = reached;
        report::EventPlace place;
        place.span = parent;
        set_statement(place, *module, marker->span);
        span_ = test->recorder().record(place, events::MarkerEval{.marker_kind = kind_name(marker->kind),
                                                                  .modifier = modifier_name(marker->modifier),
                                                                  .text = module->string(marker->text)});
        inside_ = place;
        inside_.span = span_;
        test->host().set_note_place(inside_);
    }
    /// Records a check that the condition has not made itself: there is none, or it has failed.
    void check(report::CheckShape shape) {
        if (test_ == nullptr) return;
        test_->recorder().record(inside_, events::BoolCheck{.shape = static_cast<std::int64_t>(shape),
                                                            .value = {},
                                                            .pattern = {},
                                                            .is_regex = false,
                                                            .met = false});
    }
    void decide(bool marks) {
        if (test_ != nullptr) test_->recorder().end_span(span_, marks ? "mark" : "pass");
    }
    void fail() {
        if (test_ != nullptr) test_->recorder().end_span(span_);
    }

  private:
    static std::string_view kind_name(bytecode::MarkerKind kind) {
        switch (kind) {
            case bytecode::MarkerKind::Skip:
                return "skip";
            case bytecode::MarkerKind::Run:
                return "run";
            case bytecode::MarkerKind::Flaky:
                return "flaky";
        }
        RELUX_UNREACHABLE("marker kind out of range");
    }
    static std::string_view modifier_name(bytecode::MarkerModifier modifier) {
        switch (modifier) {
            case bytecode::MarkerModifier::None:
            case bytecode::MarkerModifier::If:
                return "if";
            case bytecode::MarkerModifier::Unless:
                return "unless";
        }
        RELUX_UNREACHABLE("marker modifier out of range");
    }

    AttemptContext* test_;
    std::uint32_t span_ = 0;
    report::EventPlace inside_;
};

std::string describe_value(std::string_view subject, std::string_view value, std::string_view place) {
    std::string text(subject);
    text += value.empty() ? " is empty" : " is \"" + visible(value, false) + "\"";
    return place.empty() ? text : text + " (set at " + std::string(place) + ")";
}

}  // namespace

std::string MalformedPattern::text() const {
    return module->code.name + ":" + std::to_string(span.line) + ":" + std::to_string(span.column) + ": " +
           message;
}

std::vector<ReachedMarker> reached_markers(const exec::LinkedModule& module, const bytecode::Scope& scope) {
    Reach reach;
    reach.visit_scope(module, scope);
    return reach.take();
}

MarkerDecision evaluate_markers(exec::Interpreter& interpreter, const BaseEnvironment& environment,
                                const std::vector<ReachedMarker>& markers, AttemptContext* test) {
    using bytecode::MarkerKind;
    using bytecode::MarkerModifier;
    MarkerDecision decision;
    const auto all = test == nullptr ? 0 : test->recorder().record({}, events::Markers{});
    for (const auto& reached : markers) {
        const auto& [module, marker] = reached;
        MarkerSpan span(test, all, reached);
        bool holds = true;
        std::string because;
        if (marker->modifier != MarkerModifier::None) {
            exec::Fiber fiber;
            fiber.enter(*module, module->code.chunks[marker->condition], nullptr, 0);
            const exec::Exit exit = interpreter.run(fiber);
            using Kind = exec::exits::Failed::Kind;
            const auto* failed = std::get_if<exec::exits::Failed>(&exit);
            // A check of a value that fails inside a function decides: the condition is false.
            const bool mismatch = failed != nullptr && failed->kind == Kind::PureMatch;
            if (failed != nullptr && !mismatch) {
                if (failed->kind == Kind::InvalidRegex) {
                    const auto& frame = fiber.frames().back();
                    decision.malformed = {frame.module, frame.chunk->spans[frame.pc],
                                          "invalid regex: " + failed->message};
                } else {
                    decision.error = "marker `" + std::string(module->string(marker->text)) + "` at " +
                                     module->code.name + ":" + std::to_string(marker->span.line) + ": " +
                                     failed->message;
                }
                span.fail();
                if (test != nullptr) test->recorder().end_span(all);
                return decision;
            }
            if (mismatch) span.check(report::CheckShape::Bare);
            const auto* decided = std::get_if<exec::exits::Decided>(&exit);
            RELUX_ASSERT(failed != nullptr || decided != nullptr, "a marker decides or fails");
            holds = (!mismatch && decided->holds) == (marker->modifier == MarkerModifier::If);
            const auto subject = module->string(*marker->subject);
            because = mismatch ? ": " + failed->message
                               : ": " + describe_value(subject, decided->value.view(),
                                                       environment.provenance(subject));
        }
        if (marker->modifier == MarkerModifier::None) span.check(report::CheckShape::Unconditional);
        span.decide(holds);
        const bool skips =
            (marker->kind == MarkerKind::Skip && holds) || (marker->kind == MarkerKind::Run && !holds);
        const bool flaky = marker->kind == MarkerKind::Flaky && holds;
        if (flaky) decision.flaky = true;
        if (!skips || decision.skip) continue;
        decision.skip = true;
        decision.reason = std::string(module->string(marker->text)) + because;
    }
    if (test != nullptr) test->recorder().end_span(all);
    return decision;
}

}  // namespace relux::run

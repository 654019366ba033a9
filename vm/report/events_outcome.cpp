// All that a failure says of its pattern, value and time-out stands in the last event of a kind before the
// one that says that the test has failed; where it happened is the tree of spans.
#include "vm/report/events_outcome.h"

#include <deque>
#include <map>
#include <vector>

#include "vm/base/assert.h"

namespace relux::report {

namespace {

/// An event that outlives the pass over the log.
struct KeptEvent {
    bool there = false;
    std::uint32_t number = 0;
    EventPlace place;
    FieldList<Field> fields;
    MaskedLog::Texts texts;

    void keep(const Event& event) {
        there = true;
        number = event.number;
        place = event.place;
        fields = event.fields;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (!fields[i].is_text) continue;
            texts[i] = fields[i].text;
            fields[i].text = texts[i];
        }
    }
    /// By name; all is empty when the event is not there.
    template <class Record>
    Record read() const {
        return there ? events::read<Record>(fields) : Record();
    }
};

bool is_test_ending(EventKind kind) {
    return kind == EventKind::Failed || kind == EventKind::Cancelled;
}

class Outcome {
  public:
    Outcome(JsonWriter& json, const TestRecord& record, const MaskedLog& log, SourceLocations& locations,
            EventFields& fields)
        : json_(json), record_(record), log_(log), locations_(locations), fields_(fields) {}

    void write() {
        const auto& result = record_.result;
        json_.begin_object();
        switch (result.outcome) {
            case OutcomeKind::Passed:
                json_.text_member("kind", "pass");
                break;
            case OutcomeKind::Failed:
                json_.text_member("kind", "fail");
                collect();
                if (result.failure) write_failure(*result.failure);
                break;
            case OutcomeKind::Cancelled:
                json_.text_member("kind", "cancelled");
                collect();
                write_cancelled();
                break;
            case OutcomeKind::Skipped:
                json_.text_member("kind", "skip");
                write_skip();
                break;
            case OutcomeKind::Invalid:
                json_.text_member("kind", "invalid");
                break;
        }
        if (!result.skip_reason.empty()) json_.text_member("reason_text", result.skip_reason);
        if (result.failure) write_explanation(*result.failure);
        text_list("warnings", result.warnings);
        json_.end_object();
    }

  private:
    template <class Texts>
    void text_list(std::string_view name, const Texts& texts) {
        json_.key(name);
        json_.begin_array();
        for (const auto& text : texts)
            json_.text(text);
        json_.end_array();
    }

    /// Collects what the log has up to the end of the test.
    void collect() {
        bool over = false;
        log_.for_each(RecordClass::Event, [&](const Event& event) {
            if (over) return;
            if (is_test_ending(event.kind)) {
                over = true;
                ending_.keep(event);
                return;
            }
            last_ = event.number;
            if (event.kind == EventKind::Timeout) timeout_.keep(event);
            if (event.kind == EventKind::MultiMatchStart) multi_match_.keep(event);
            if (event.kind == EventKind::MultiMatchTimeout) multi_timeout_.keep(event);
            if (event.kind == EventKind::FailPatternTriggered) triggered_.keep(event);
            if (event.kind == EventKind::PureMatchStart) pure_match_.keep(event);
            if (event.kind == EventKind::PureMatchFailed) pure_failed_.keep(event);
            if (event.kind == EventKind::VarLet || event.kind == EventKind::VarAssign)
                variables_.emplace_back().keep(event);
        });
        span_ = ending_.place.span;
        if (record_.result.failure && record_.result.failure->span) span_ = *record_.result.failure->span;
    }

    // Failures

    void write_failure(const Failure& failure) {
        switch (failure.kind) {
            case FailureKind::MatchTimeout:
                json_.text_member("type", "match-timeout");
                json_.text_member("shell", failure.shell);
                json_.text_member("pattern", failure.pattern);
                json_.flag_member("is_regex", failure.pattern_is_regex);
                write_timeout<events::Timeout>(timeout_);
                return write_common(failure, timeout_, true);
            case FailureKind::FailPattern:
                json_.text_member("type", "fail-pattern-matched");
                json_.text_member("shell", failure.shell);
                json_.text_member("pattern", failure.pattern);
                json_.flag_member("is_regex", failure.pattern_is_regex);
                json_.text_member("matched_line",
                                  triggered_.read<events::FailPatternTriggered>().matched_line);
                return write_common(failure, triggered_, true);
            case FailureKind::ShellExited:
                json_.text_member("type", "shell-exited");
                json_.text_member("shell", failure.shell);
                json_.key("exit_code");
                failure.exit_code ? json_.number(*failure.exit_code) : json_.null();
                return write_common(failure, {}, true);
            case FailureKind::MultiMatch:
                return write_multi_match(failure);
            case FailureKind::PureMatch:
                return write_pure_match(failure);
            case FailureKind::TestTimeout:
            case FailureKind::UndeclaredAssignment:
            case FailureKind::InvalidRegex:
            case FailureKind::Runtime:
            case FailureKind::Cancelled:
            case FailureKind::Leftover:
            case FailureKind::Step:
                json_.text_member("type", "runtime");
                json_.optional_text_member(
                    "shell", failure.kind == FailureKind::TestTimeout ? std::string_view() : failure.shell);
                json_.text_member("message", failure.summary);
                return write_common(failure, {}, false);
        }
        RELUX_UNREACHABLE("failure kind out of range");
    }

    void write_multi_match(const Failure& failure) {
        json_.text_member("type", "multi-match");
        json_.text_member("shell", failure.shell);
        json_.key("patterns");
        const auto start = multi_match_.read<events::MultiMatchStart>();
        fields_.write_patterns(start.patterns);
        const auto encoded = multi_timeout_.read<events::MultiMatchTimeout>();
        const auto unmatched = decode_texts(encoded.unmatched);
        const auto count = decode_texts(start.patterns).size();
        json_.key("matched");
        json_.begin_array();
        for (std::size_t i = 0; i < count; ++i) {
            bool matched = true;
            for (const auto index : unmatched)
                matched = matched && index != std::to_string(i);
            if (matched) json_.number(static_cast<std::int64_t>(i));
        }
        json_.end_array();
        write_timeout<events::MultiMatchTimeout>(multi_timeout_);
        write_common(failure, multi_timeout_, true);
    }

    void write_pure_match(const Failure& failure) {
        json_.text_member("type", "pure-match");
        json_.key("match_context");
        write_match_context(failure);
        const auto start = pure_match_.read<events::PureMatchStart>();
        json_.text_member("value", start.value);
        json_.text_member("pattern", start.pattern);
        json_.flag_member("is_regex", start.is_regex);
        write_common(failure, pure_failed_, false);
    }

    void write_match_context(const Failure& failure) {
        json_.begin_object();
        Event event;
        MaskedLog::Texts texts;
        const auto innermost = read_span(span_, event, texts);
        if (!failure.overlay_of.empty() && innermost != EventKind::FnCall) {
            json_.text_member("type", "effect-preamble");
            json_.text_member("name", failure.overlay_of);
        } else if (span_ == 0) {
            json_.text_member("type", "test-preamble");
            json_.text_member("name", record_.result.name);
        } else {
            json_.text_member("type", innermost == EventKind::FnCall        ? "fn"
                                      : innermost == EventKind::EffectSetup ? "effect-preamble"
                                                                            : "shell");
            json_.text_member("name", name_of_span(event));
        }
        json_.end_object();
    }

    template <class Record>
    void write_timeout(const KeptEvent& event) {
        json_.key("effective");
        if (!event.there) return json_.null();
        json_.written(timeout_json(event.read<Record>().effective, locations_, 2), false);
    }

    /// `because`: the event that says it; if there is none, the last one before the end.
    void write_common(const Failure& failure, const KeptEvent& because, bool has_output) {
        json_.number_member("span", span_);
        write_sequence(because.there ? because.number : last_);
        write_call_stack();
        write_variables();
        if (has_output) json_.text_member("buffer_tail", failure.output_tail);
    }

    void write_sequence(std::uint32_t number) {
        json_.key("event_seq");
        number == 0 ? json_.null() : json_.number(std::int64_t{number} - 1);
    }

    void write_cancelled() {
        json_.key("reason");
        if (ending_.there) {
            fields_.write_reason(ending_.read<events::Cancelled>());
        } else {
            json_.null();
        }
        json_.number_member("span", span_);
        write_sequence(last_);
        json_.key("shell");
        json_.null();
        write_call_stack();
    }

    void write_skip() {
        // The last check in the marker that has decided.
        std::uint32_t decided = 0;
        Event event;
        MaskedLog::Texts texts;
        for (std::uint32_t id = 1; id <= log_.spans().size() && decided == 0; ++id) {
            if (read_span(id, event, texts) != EventKind::MarkerEval) continue;
            const std::string kind(events::read<events::MarkerEval>(event).marker_kind);
            const auto& span = log_.spans()[id - 1];
            if (span.end == nullptr) continue;
            log_.read(span.end, 0, event, texts);
            const bool marked = events::read<events::SpanEnd>(event).result == "mark";
            if ((kind == "skip" && marked) || (kind == "run" && !marked)) decided = id;
        }
        KeptEvent check;
        log_.for_each(RecordClass::Event, [&](const Event& each) {
            if (each.kind == EventKind::BoolCheck && each.place.span == decided) check.keep(each);
        });
        json_.number_member("span", decided);
        write_sequence(check.number);
        read_span(decided, event, texts);
        json_.text_member("marker_kind", decided == 0 ? std::string_view()
                                                      : events::read<events::MarkerEval>(event).marker_kind);
        json_.key("evaluation");
        check.there ? fields_.write_evaluation(check.read<events::BoolCheck>()) : json_.null();
        json_.key("location");
        json_.written(locations_.json(decided == 0 ? EventPlace() : event.place, 2), false);
    }

    // Where it happened

    /// ShellBlock, with no fields, for the test itself.
    EventKind read_span(std::uint32_t id, Event& event, MaskedLog::Texts& texts) const {
        event.fields.resize(0);
        if (id == 0 || id > log_.spans().size()) return EventKind::ShellBlock;
        log_.read(log_.spans()[id - 1].begin, id, event, texts);
        return event.kind;
    }

    /// Says what a span is of: a shell, an effect, a function, or a step. Nothing when it is of nothing else.
    static std::string_view name_of_span(const Event& event) {
        static_assert(events::ShellBlockFields::shell == 0 && events::EffectSetupFields::effect == 0 &&
                      events::EffectCleanupFields::effect == 0 && events::FnCallFields::name == 0 &&
                      events::WorkflowStepFields::name == 0 && events::MultiMatchFields::shell == 0);
        return event.fields.empty() ? std::string_view() : event.fields[0].text;
    }

    /// The span in which the statement runs, and those around it up to the test; outermost first.
    std::vector<std::uint32_t> path() const {
        std::vector<std::uint32_t> path;
        for (auto id = span_; id != 0; id = log_.spans()[id - 1].parent)
            path.insert(path.begin(), id);
        path.insert(path.begin(), 0);
        return path;
    }

    void write_call_stack() {
        json_.key("call_stack");
        json_.begin_array();
        const auto innermost = span_ == 0 ? EventKind::EffectSetup : log_.spans()[span_ - 1].kind;
        // Directly in a preamble nothing is called.
        if (innermost != EventKind::EffectSetup) {
            for (const auto id : path()) {
                if (id == 0 || log_.spans()[id - 1].kind != EventKind::MultiMatch) write_frame(id);
            }
        }
        json_.end_array();
    }

    void write_frame(std::uint32_t id) {
        Event event;
        MaskedLog::Texts texts;
        const auto kind = read_span(id, event, texts);
        const bool is_call = kind == EventKind::FnCall;
        json_.begin_object();
        json_.number_member("span", id);
        json_.text_member("kind", id == 0 ? "test"
                                  : is_call && events::read<events::FnCall>(event).is_pure
                                      ? "pure-fn-call"
                                      : event_info(kind).name);
        json_.text_member("name", id == 0 ? std::string_view(record_.result.name) : name_of_span(event));
        json_.key("args");
        if (is_call) {
            fields_.write_arguments(events::read<events::FnCall>(event));
        } else {
            fields_.write_pairs({});
        }
        json_.optional_text_member("alias", kind == EventKind::EffectSetup
                                                ? events::read<events::EffectSetup>(event).alias
                                                : std::string_view());
        json_.key("location");
        constexpr int kFramesOfOutcome = 4;
        const auto place = id == 0 ? locations_.test_place() : event.place;
        json_.written(locations_.json(place, kFramesOfOutcome), false);
        json_.end_object();
    }

    // Variables

    /// Inside a function its own, else those of the shell over those of the test or effect.
    void write_variables() {
        std::map<std::string, std::string> variables;
        Event event;
        MaskedLog::Texts texts;
        auto scope = span_;
        while (scope != 0) {
            const auto kind = read_span(scope, event, texts);
            const auto call =
                kind == EventKind::FnCall ? events::read<events::FnCall>(event) : events::FnCall();
            const bool is_impure = !call.is_pure && call.callee_kind == "user";
            if (is_impure) {
                fields_.for_each_argument(call, [&](std::string_view name, std::string_view value) {
                    variables[std::string(name)] = value;
                });
                add_variables(scope, variables);
                return write_variables(variables);
            }
            if (kind == EventKind::ShellBlock || kind == EventKind::EffectSetup) break;
            scope = log_.spans()[scope - 1].parent;
        }
        if (scope != 0 && log_.spans()[scope - 1].kind == EventKind::ShellBlock) {
            add_variables(log_.spans()[scope - 1].parent, variables);
            add_variables(log_.owner_of_variables(scope, event.place.shell), variables);
        } else {
            add_variables(scope, variables);
        }
        write_variables(variables);
    }

    void add_variables(std::uint64_t owner, std::map<std::string, std::string>& variables) const {
        for (const auto& variable : variables_) {
            if (log_.owner_of_variables(variable.place.span, variable.place.shell) == owner) {
                const auto assigned = variable.read<events::VarLet>();
                variables[std::string(assigned.name)] = assigned.value;
            }
        }
    }

    void write_variables(const std::map<std::string, std::string>& variables) {
        json_.key("vars_in_scope");
        json_.begin_array();
        for (const auto& [name, value] : variables) {
            json_.begin_array();
            json_.text(name);
            json_.text(value);
            json_.end_array();
        }
        json_.end_array();
    }

    void write_applied(const AppliedTimeout& timeout) {
        json_.key("timeout");
        json_.begin_object();
        json_.text_member("kind", timeout.timeout.is_assertion() ? "assertion" : "tolerance");
        json_.key("written");
        json_.milliseconds(timeout.timeout.written);
        json_.key("effective");
        json_.milliseconds(timeout.effective);
        json_.key("multiplier");
        json_.real(timeout.multiplier);
        json_.text_member("origin", timeout.origin);
        json_.end_object();
    }

    // Members that only our reports have

    void write_explanation(const Failure& failure) {
        json_.text_member("summary", failure.summary);
        if (!failure.shell_state.empty()) json_.text_member("shell_state", failure.shell_state);
        if (!failure.output_of.empty()) json_.text_member("output_of", failure.output_of);
        json_.number_member("buffer_omitted", static_cast<std::int64_t>(failure.output_omitted));
        json_.key("chain");
        json_.begin_array();
        for (const auto& frame : failure.chain) {
            json_.begin_object();
            json_.optional_text_member("what", frame.what);
            json_.text_member("file", frame.place.file);
            json_.number_member("line", frame.place.line);
            json_.number_member("column", frame.place.column);
            json_.end_object();
        }
        json_.end_array();
        if (failure.timeout) write_applied(*failure.timeout);
        text_list("notes", failure.notes);
    }

    JsonWriter& json_;
    const TestRecord& record_;
    const MaskedLog& log_;
    SourceLocations& locations_;
    EventFields& fields_;
    std::uint32_t span_ = 0;
    std::uint32_t last_ = 0;  ///< the event before the end of the test
    KeptEvent ending_;
    KeptEvent timeout_;
    KeptEvent multi_match_;
    KeptEvent multi_timeout_;
    KeptEvent triggered_;
    KeptEvent pure_match_;
    KeptEvent pure_failed_;
    std::deque<KeptEvent> variables_;  ///< each has views of its own texts
};

}  // namespace

void write_outcome(JsonWriter& json, const TestRecord& record, const MaskedLog& log,
                   SourceLocations& locations, EventFields& fields) {
    Outcome(json, record, log, locations, fields).write();
}

}  // namespace relux::report

#include "vm/run/event_recorder.h"

namespace relux::run {

namespace {
/// Limits the output in the event log of one attempt; bytes.
constexpr std::size_t kMostOutputRecorded = 4 * 1024 * 1024;
}  // namespace

std::uint32_t EventRecorder::record(report::EventKind kind, const report::EventPlace& place,
                                    std::initializer_list<report::Field> fields) {
    take_time();
    const auto number = events_.record(kind, event_time_, place, fields);
    if (trace_) trace_->record({kind, event_time_, place, number, fields});
    return number;
}

void EventRecorder::record_output(const report::EventPlace& place, std::string_view bytes) {
    if (output_recorded_ + bytes.size() <= kMostOutputRecorded) {
        output_recorded_ += bytes.size();
        record(place, events::Recv{.data = bytes});
        return;
    }
    const auto instead = "... [" + std::to_string(bytes.size()) + " bytes, only in the shell's log]";
    record(place, events::Recv{.data = instead});
}

void EventRecorder::end_span(std::uint32_t span) {
    report::EventPlace place;
    place.span = span;
    if (span != 0) record(place, events::SpanEnd{.has_result = false, .result = {}});
}

void EventRecorder::end_span(std::uint32_t span, std::string_view result) {
    report::EventPlace place;
    place.span = span;
    if (span != 0) record(place, events::SpanEnd{.has_result = true, .result = result});
}

void EventRecorder::warn(std::string message, const report::EventPlace& place) {
    record(place, events::Warning{.message = message});
    warnings_.push_back(std::move(message));
}

}  // namespace relux::run

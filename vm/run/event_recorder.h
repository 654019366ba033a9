// Records what happens in one attempt, as it happens: in the event log, in the trace if there is one, in the
// line of progress, and as warnings. It knows the clock of the attempt, and nothing of what it records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vm/io/loop.h"
#include "vm/report/event_log.h"
#include "vm/report/events.h"
#include "vm/report/test_report.h"
#include "vm/run/run_trace.h"

namespace relux::run {

namespace events = report::events;

class EventRecorder {
  public:
    /// Both outlive it; `budget` is as that of EventLog.
    EventRecorder(io::Loop& loop, MemoryBudget* budget)
        : loop_(loop), started_(loop.now()), events_(budget) {}
    EventRecorder(const EventRecorder&) = delete;
    EventRecorder& operator=(const EventRecorder&) = delete;

    /// The attempt begins now.
    void begin() { started_ = loop_.now(); }
    io::Time began() const { return started_; }
    /// Time since the attempt began.
    Duration elapsed() const { return loop_.now() - started_; }

    /// Records one of the structs of vm/report/events.h. The number of the record among those of its class; 0
    /// when the log is full.
    template <class Record>
    std::uint32_t record(const report::EventPlace& place, const Record& event) {
        take_time();
        return record_at_last(place, event);
    }
    /// The next record_at_last() has the time of this moment.
    void take_time() { event_time_ = elapsed(); }
    /// record() at the moment of the last event.
    template <class Record>
    std::uint32_t record_at_last(const report::EventPlace& place, const Record& event) {
        const auto number = events_.record(event_time_, place, event);
        if (trace_) show_in_trace(number, place, event);
        return number;
    }
    /// The same of a kind that is not known when this is compiled.
    std::uint32_t record(report::EventKind kind, const report::EventPlace& place,
                         std::initializer_list<report::Field> fields);
    /// A text of an event that has been recorded is another one from now on. The trace keeps the old one.
    void amend(std::uint32_t number, std::size_t field, std::string_view text) {
        if (number != 0) events_.amend(report::RecordClass::Event, number, field, text);
    }
    /// Output that has arrived. Past a limit only its size is recorded; all of it is in the shell's log.
    void record_output(const report::EventPlace& place, std::string_view bytes);
    void end_span(std::uint32_t span);
    void end_span(std::uint32_t span, std::string_view result);
    void warn(std::string message, const report::EventPlace& place = {});
    std::vector<std::string> take_warnings() { return std::move(warnings_); }
    const report::EventLog& events() const { return events_; }

    /// From here on all that is recorded goes to the trace too.
    void set_trace(std::unique_ptr<AttemptTrace> trace) { trace_ = std::move(trace); }
    /// Null: there is none.
    AttemptTrace* trace() { return trace_.get(); }

    /// The shell's number in records, from 1.
    std::uint32_t add_shell(std::string name, std::string marker) {
        shells_.push_back({std::move(name), std::move(marker)});
        return static_cast<std::uint32_t>(shells_.size());
    }
    const std::vector<report::ShellRecord>& shells() const { return shells_; }

    void progress(std::string_view text) { progress_ += text; }
    const std::string& progress() const { return progress_; }

  private:
    template <class Record>
    void show_in_trace(std::uint32_t number, const report::EventPlace& place, const Record& event) {
        visit_members(event, [&](report::EventKind kind, const auto&... members) {
            std::string encoded;
            trace_->record({kind, event_time_, place, number, {field_of(members, encoded)...}});
        });
    }
    template <class Member>
    static report::Field field_of(const Member& member, std::string&) {
        return member;
    }
    /// Encoded in `encoded`: a record with such a list has one.
    template <class Items, class View>
    static report::Field field_of(const report::TextList<Items, View>& list, std::string& encoded) {
        for (const auto& item : list.items)
            report::append_encoded_text(encoded, list.view(item));
        return encoded;
    }

    io::Loop& loop_;
    io::Time started_;
    report::EventLog events_;
    std::unique_ptr<AttemptTrace> trace_;
    Duration event_time_{};  ///< of the last event
    std::size_t output_recorded_ = 0;
    std::vector<std::string> warnings_;
    std::vector<report::ShellRecord> shells_;
    std::string progress_;
};

}  // namespace relux::run

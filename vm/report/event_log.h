// The events of one test, recorded as bytes without formatting; formatted when a report is written.
// Recording appends to one growing buffer: no allocation per event. One writer, the test's loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/bytes.h"
#include "vm/base/duration.h"

namespace relux::report {

enum class EventKind : std::uint8_t {
#define EVENT(name, text, fields, about) name,
#define SPAN(name, text, fields, result, about) name,
#define BUFFER(name, text, fields, about) name,
#define MARK(name, fields) name,
#include "vm/report/events.def"
#undef MARK
#undef BUFFER
#undef SPAN
#undef EVENT
};

/// Which list of events.json a record belongs to; Mark: none.
enum class RecordClass : std::uint8_t { Event, Span, Buffer, Mark };

enum class FieldType : std::uint8_t { Text, Number, Milliseconds, Flag, Texts, Pairs };

struct FieldInfo {
    std::string_view name;
    FieldType type;
};
struct EventInfo {
    RecordClass record_class;
    std::string_view name;
    std::vector<FieldInfo> fields;
    std::string_view result;  ///< spans: the name of what SpanEnd brings; empty when it brings nothing
    std::string_view about;   ///< one or two sentences
};
const EventInfo& event_info(EventKind kind);
/// How many kinds there are; they are numbered from 0 without gaps.
std::size_t event_kind_count();

/// A field as recorded: text, or a number (integer, nanoseconds, 0/1).
struct Field {
    std::string_view text;
    std::int64_t number = 0;
    bool is_text = false;
    Field(std::string_view value) : text(value), is_text(true) {}
    Field(const std::string& value) : text(value), is_text(true) {}
    Field(const char* value) : text(value), is_text(true) {}
    Field(std::int64_t value) : number(value) {}
    Field(Duration value) : number(value.count()) {}
};

/// What a field of type Texts or Pairs is recorded as. Long ones are cut one by one.
std::string encode_texts(std::span<const std::string_view> texts);
/// The texts again; views into `encoded`.
std::vector<std::string_view> decode_texts(std::string_view encoded);

/// Where in the program an event belongs.
struct EventPlace {
    std::uint32_t span = 0;    ///< the innermost one that is open, its parent for a span; 0: the test itself
    std::uint32_t shell = 0;   ///< number of the shell in this test from 1; 0: none
    std::uint32_t module = 0;  ///< number of the linked module plus 1; 0: none
    std::uint32_t line = 0;
};

struct Event {
    EventKind kind;
    Duration time;  ///< since the start of the test
    EventPlace place;
    std::uint32_t number;       ///< among the records of its class, from 1
    std::vector<Field> fields;  ///< views into the log
};

class EventLog {
  public:
    /// Texts longer than this are cut when recorded, with the omitted count kept in the text.
    static constexpr std::size_t kLongestText = 64 * 1024;
    /// Beyond this many bytes in all only what decides the outcome is recorded; the rest is counted.
    static constexpr std::size_t kMostBytes = 16 * 1024 * 1024;

    /// The record's number among those of its class, from 1. 0 when the log is full and it was left out.
    std::uint32_t record(EventKind kind, Duration time, const EventPlace& place,
                         std::initializer_list<Field> fields);
    std::uint32_t count() const { return count_; }
    /// Records that were left out because the log was full.
    std::uint64_t left_out() const { return left_out_; }
    std::size_t byte_size() const { return bytes_.bytes().size(); }
    /// Calls `visit` for each record in order.
    void for_each(const std::function<void(const Event&)>& visit) const;

  private:
    ByteWriter bytes_;
    std::uint32_t count_ = 0;
    std::uint32_t numbers_[4] = {};
    std::uint64_t left_out_ = 0;
};

}  // namespace relux::report

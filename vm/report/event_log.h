// The events of one test, recorded as bytes without formatting; formatted when a report is written.
// Recording appends to one growing buffer: no allocation per event. One writer, the test's loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/bytes.h"
#include "vm/base/duration.h"

namespace relux::report {

enum class EventKind : std::uint8_t {
#define EVENT(name, text, fields) name,
#include "vm/report/events.def"
#undef EVENT
};

enum class FieldType : std::uint8_t { Text, Number, Milliseconds, Flag };

struct FieldInfo {
    std::string_view name;
    FieldType type;
};
struct EventInfo {
    std::string_view name;
    std::vector<FieldInfo> fields;
};
const EventInfo& event_info(EventKind kind);

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

/// Where in the program an event belongs.
struct EventPlace {
    std::uint32_t span = 0;
    std::uint32_t shell = 0;   ///< number of the shell in this test from 1; 0: none
    std::uint32_t module = 0;  ///< number of the linked module plus 1; 0: none
    std::uint32_t line = 0;
};

struct Event {
    EventKind kind;
    Duration time;  ///< since the start of the test
    EventPlace place;
    std::vector<Field> fields;  ///< views into the log
};

class EventLog {
  public:
    /// Texts longer than this are cut when recorded, with the omitted count kept in the text.
    static constexpr std::size_t kLongestText = 64 * 1024;

    void record(EventKind kind, Duration time, const EventPlace& place, std::initializer_list<Field> fields);
    std::uint32_t count() const { return count_; }
    std::size_t byte_size() const { return bytes_.bytes().size(); }
    /// Calls `visit` for each event in order.
    void for_each(const std::function<void(const Event&)>& visit) const;

  private:
    ByteWriter bytes_;
    std::uint32_t count_ = 0;
};

}  // namespace relux::report

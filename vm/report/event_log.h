// The events of one test, recorded as bytes without formatting; formatted when a report is written.
// Recording copies to the end of a block: no allocation per event, and nothing that is recorded moves. One
// writer, the test's loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "vm/base/assert.h"
#include "vm/base/duration.h"
#include "vm/base/memory_budget.h"
#include "vm/base/timeout.h"

namespace relux::report {

enum class EventKind : std::uint8_t {
#define RECORD(name, fields) name,
#include "vm/report/events.def"
};

/// Which list of events.json a record belongs to; Mark: none.
enum class RecordClass : std::uint8_t { Event, Span, Buffer, Mark };

/// Says how the row of an event looks in event.html.
enum class RowLook : std::uint8_t { Plain, Send, Output, Good, Bad, Note };

/// Says what a field is in events.json; events.def has a word on each.
enum class FieldType : std::uint8_t {
    // Recorded as an integer:
    Number,
    Sequence,  ///< the number of an event or a buffer event, or 0
    Milliseconds,
    Flag,
    Internal,  ///< a number for whoever writes the report
    // As a text:
    Text,
    OptionalText,
    Texts,
    Pairs,
    Numbers,
    Groups,
    OptionalGroups,
    Patterns,
    Parts,
    Timeout,  ///< the bytes of a RecordedTimeout
};

/// A short list, in place: what records have of fields.
template <class Item>
class FieldList {
  public:
    static constexpr std::size_t kMost = 6;

    constexpr FieldList() = default;
    constexpr FieldList(std::initializer_list<Item> items) {
        for (const auto& item : items)
            push_back(item);
    }
    constexpr void push_back(const Item& item) {
        RELUX_ASSERT(size_ < kMost, "a record has few fields");
        items_[size_++] = item;
    }
    /// Leaves the values of new items open.
    constexpr void resize(std::size_t size) {
        RELUX_ASSERT(size <= kMost, "a record has few fields");
        size_ = size;
    }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr const Item* begin() const { return items_; }
    constexpr const Item* end() const { return items_ + size_; }
    constexpr Item& operator[](std::size_t index) { return items_[index]; }
    constexpr const Item& operator[](std::size_t index) const { return items_[index]; }
    constexpr const Item& at(std::size_t index) const {
        RELUX_ASSERT(index < size_, "a record has that field");
        return items_[index];
    }

  private:
    Item items_[kMost] = {};
    std::size_t size_ = 0;
};

struct FieldInfo {
    std::string_view name;
    FieldType type = FieldType::Text;
    std::string_view json_key = {};  ///< the name as a further key of a record in events.json
    /// Whether it is recorded as a text.
    constexpr bool is_text() const { return type >= FieldType::Text; }
    /// Whether what is recorded is one text, not several or something encoded.
    constexpr bool is_one_text() const { return type == FieldType::Text || type == FieldType::OptionalText; }
};

/// A bit for each field that is recorded as a text.
constexpr unsigned text_bits(const FieldList<FieldInfo>& fields) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < fields.size(); ++i)
        bits |= unsigned{fields[i].is_text()} << i;
    return bits;
}

struct EventInfo {
    RecordClass record_class;
    std::string_view name;
    FieldList<FieldInfo> fields;
    std::string_view result;        ///< spans: the name of what SpanEnd brings; empty when it brings nothing
    std::string_view about;         ///< one or two sentences
    std::string_view json_kind;     ///< the name as a further member of a record in events.json
    RowLook look = RowLook::Plain;  ///< of an event
    unsigned texts = text_bits(fields);
};

/// By EventKind.
extern const EventInfo event_infos[];
/// How many kinds there are; they are numbered from 0 without gaps.
std::size_t event_kind_count();
inline const EventInfo& event_info(EventKind kind) {
    return event_infos[static_cast<std::size_t>(kind)];
}

/// Where in the program an event belongs.
struct EventPlace {
    std::uint32_t span = 0;    ///< the innermost one that is open, its parent for a span; 0: the test itself
    std::uint32_t shell = 0;   ///< number of the shell in this test from 1; 0: none
    std::uint32_t module = 0;  ///< number of the linked module plus 1; 0: none
    std::uint32_t line = 0;
    // From 1, in bytes; the end is one past the last byte. 0: not known.
    std::uint32_t column = 0;
    std::uint32_t end_column = 0;
};

/// A time-out that applies, and where it was written.
struct RecordedTimeout {
    Duration written{0};
    Duration applied{0};      ///< after all scaling
    double multiplier = 1.0;  ///< of the run; the one of a flaky attempt is not part of it
    std::uint32_t kind = 0;   ///< a TimeoutKind
    // As those of EventPlace; module 0: it is the configured default.
    std::uint32_t module = 0;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t end_column = 0;
    std::uint32_t unused = 0;  ///< there are no bytes between the members that could differ

    Timeout timeout() const { return {static_cast<TimeoutKind>(kind), written}; }
    /// As it is recorded; valid as long as this.
    std::string_view bytes() const {
        return {reinterpret_cast<const char*>(this), sizeof *this};  // NOLINT
    }
    static RecordedTimeout from(std::string_view bytes) {
        RecordedTimeout timeout;
        RELUX_ASSERT(bytes.size() == sizeof timeout, "a time-out is recorded whole");
        std::memcpy(&timeout, bytes.data(), sizeof timeout);
        return timeout;
    }
};

/// Tells the kinds of a BoolCheck apart.
enum class CheckShape : std::uint8_t { Unconditional, Bare, PureMatch };

/// A field as recorded: text, or a number (integer, nanoseconds, 0/1).
struct Field {
    std::string_view text;
    std::int64_t number = 0;
    bool is_text = false;
    constexpr Field() = default;
    Field(std::string_view value) : text(value), is_text(true) {}
    Field(const std::string& value) : text(value), is_text(true) {}
    Field(const char* value) : text(value), is_text(true) {}
    Field(std::int64_t value) : number(value) {}
    Field(Duration value) : number(value.count()) {}
    /// `value` lives until it is recorded.
    Field(const RecordedTimeout& value) : text(value.bytes()), is_text(true) {}
};

/// Gives the form in which a field of several texts is recorded. Long ones are cut one by one.
std::string encode_texts(std::span<const std::string_view> texts);
/// Adds one text to what encode_texts() gives.
void append_encoded_text(std::string& encoded, std::string_view text);
/// The texts again; views into `encoded`.
std::vector<std::string_view> decode_texts(std::string_view encoded);

/// Goes through an encoded list without allocating.
class EncodedTexts {
  public:
    explicit EncodedTexts(std::string_view encoded) : rest_(encoded) {}
    /// False: there was no other.
    bool next(std::string_view& text);

  private:
    std::string_view rest_;
};

struct Event {
    EventKind kind = EventKind::Log;
    Duration time{0};  ///< since the start of the test
    EventPlace place;
    std::uint32_t number = 0;  ///< among the records of its class, from 1; events and buffer events are one
    FieldList<Field> fields;   ///< views into the log
    const char* begin = nullptr;  ///< where the log has it; the same as long as the log lives
};

/// Texts to record as a list without encoding them first: `view(item)` gives the text of each of `items`.
template <class Items, class View>
struct TextList {
    const Items& items;
    View view;
};
template <class Items, class View>
TextList(const Items&, View) -> TextList<Items, View>;

class EventLog {
  public:
    /// `budget`: what the logs of a run may hold together; a log that gets no more of it is full. May be
    /// null, and outlives this.
    explicit EventLog(MemoryBudget* budget = nullptr) : budget_(budget) {}
    ~EventLog() {
        if (budget_ != nullptr) budget_->give_back(memory_);
    }
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;

    /// Texts longer than this are cut when recorded, with the omitted count kept in the text.
    static constexpr std::size_t kLongestText = 64 * 1024;
    /// Beyond this many bytes in all only what decides the outcome is recorded; the rest is counted.
    static constexpr std::size_t kMostBytes = 16 * 1024 * 1024;

    /// Records one of the structs of events.h. The record's number among those of its class, from 1; events
    /// and buffer events are counted together. 0 when the log is full and it was left out.
    template <class Record>
    std::uint32_t record(Duration time, const EventPlace& place, const Record& event) {
        return visit_members(event, [&](EventKind kind, const auto&... members) {
            return record_each(kind, time, place, form_of(members)...);
        });
    }
    /// The same of a kind that is not known when this is compiled.
    std::uint32_t record(EventKind kind, Duration time, const EventPlace& place,
                         std::initializer_list<Field> fields);
    /// The same; each field is a std::string_view, a std::int64_t or a TextList.
    template <class... Fields>
    std::uint32_t record_each(EventKind kind, Duration time, const EventPlace& place,
                              const Fields&... fields) {
        if (byte_size_ > most_bytes_ || (is_long(fields) || ...)) {
            return record(kind, time, place, {as_field(fields, std::string())...});
        }
        RELUX_ASSERT(event_info(kind).fields.size() == sizeof...(fields) &&
                         event_info(kind).texts == text_bits_of(fields...),
                     "an event is recorded with the fields of events.def");
        const auto size = (kHeaderSize + ... + recorded_size(fields));
        char* at = put_header(room_for(size), kind, time, place);
        ((at = put_field(at, fields)), ...);
        return added(kind, at, size);
    }
    /// A text of the record with that number in its class is another one from now on; cut as when recorded.
    void amend(RecordClass record_class, std::uint32_t number, std::size_t field, std::string_view text);
    std::uint32_t count() const { return count_; }
    /// How many of them belong to the class; of events those of buffers too.
    std::uint32_t count(RecordClass record_class) const { return numbers_[counter_of(record_class)]; }
    /// Records that were left out because the log was full.
    std::uint64_t left_out() const { return left_out_; }
    std::size_t byte_size() const { return byte_size_; }

    /// Calls `visit` with each record in order, as `const Event&`.
    template <class Visit>
    void for_each(Visit&& visit) const {
        Event event;
        std::uint32_t numbers[4] = {};
        for (const auto& block : blocks_) {
            const char* const end = &block == &blocks_.back() ? end_ : block.end;
            for (const char* at = block.bytes.get(); at != end;) {
                at = read(at, event);
                event.number = ++numbers[counter_of(event_info(event.kind).record_class)];
                if (!amendments_.empty()) apply_amendments(event);
                visit(event);
            }
        }
    }
    /// The same of those records whose kind `is_wanted` says.
    template <class IsWanted, class Visit>
    void for_each_of(IsWanted&& is_wanted, Visit&& visit) const {
        Event event;
        std::uint32_t numbers[4] = {};
        for (const auto& block : blocks_) {
            const char* const end = &block == &blocks_.back() ? end_ : block.end;
            for (const char* at = block.bytes.get(); at != end;) {
                EventKind kind{};
                std::memcpy(&kind, at, sizeof kind);
                const auto number = ++numbers[counter_of(event_info(kind).record_class)];
                const bool wanted = is_wanted(kind);
                at = wanted ? read(at, event) : read_beginning(at, event);
                if (!wanted) continue;
                event.number = number;
                if (!amendments_.empty()) apply_amendments(event);
                visit(event);
            }
        }
    }
    /// The same of all, without the fields.
    template <class Visit>
    void for_each_beginning(Visit&& visit) const {
        Event event;
        std::uint32_t numbers[4] = {};
        for (const auto& block : blocks_) {
            const char* const end = &block == &blocks_.back() ? end_ : block.end;
            for (const char* at = block.bytes.get(); at != end;) {
                at = read_beginning(at, event);
                event.number = ++numbers[counter_of(event_info(event.kind).record_class)];
                visit(event);
            }
        }
    }
    /// The record that begins there, as it was recorded and but for its number; gives where it ends.
    static const char* read(const char* begin, Event& event);
    /// The same record, of that number in its class, as it has been amended.
    void read(const char* begin, std::uint32_t number, Event& event) const {
        read(begin, event);
        event.number = number;
        if (!amendments_.empty()) apply_amendments(event);
    }

  private:
    static constexpr std::size_t counter_of(RecordClass record_class) {
        return static_cast<std::size_t>(record_class == RecordClass::Buffer ? RecordClass::Event
                                                                            : record_class);
    }
    /// Records lie in it whole.
    struct Block {
        struct Free {
            void operator()(char* bytes) const { std::free(bytes); }
        };
        std::unique_ptr<char[], Free> bytes;
        const char* end = nullptr;  ///< of what is recorded; of the last one it is end_
    };
    using TextSize = std::uint32_t;
    static constexpr std::size_t kHeaderSize = sizeof(EventKind) + sizeof(Duration) + sizeof(EventPlace);

    template <class Value>
    static char* put(char* at, const Value& value) {
        std::memcpy(at, &value, sizeof value);
        return at + sizeof value;
    }
    static char* put_header(char* at, EventKind kind, Duration time, const EventPlace& place) {
        return put(put(put(at, kind), time), place);
    }
    static char* put_field(char* at, std::string_view text) {
        at = put(at, static_cast<TextSize>(text.size()));
        // An empty view may have no address.
        if (!text.empty()) std::memcpy(at, text.data(), text.size());
        return at + text.size();
    }
    static char* put_field(char* at, std::int64_t number) { return put(at, number); }
    template <class Items, class View>
    static char* put_field(char* at, const TextList<Items, View>& list) {
        char* const begin = at;
        at += sizeof(TextSize);
        for (const auto& item : list.items)
            at = put_field(at, list.view(item));
        put(begin, static_cast<TextSize>(at - begin - sizeof(TextSize)));
        return at;
    }
    // Gives the form in which a member is recorded.
    static std::string_view form_of(std::string_view text) { return text; }
    static std::string_view form_of(const RecordedTimeout& timeout) { return timeout.bytes(); }
    static std::int64_t form_of(std::int64_t number) { return number; }
    static std::int64_t form_of(bool flag) { return flag ? 1 : 0; }
    static std::int64_t form_of(Duration duration) { return duration.count(); }
    template <class Items, class View>
    static const TextList<Items, View>& form_of(const TextList<Items, View>& list) {
        return list;
    }
    static std::size_t recorded_size(std::string_view text) { return sizeof(TextSize) + text.size(); }
    static std::size_t recorded_size(std::int64_t number) { return sizeof number; }
    template <class Items, class View>
    static std::size_t recorded_size(const TextList<Items, View>& list) {
        std::size_t size = sizeof(TextSize);
        for (const auto& item : list.items)
            size += recorded_size(list.view(item));
        return size;
    }
    static bool is_long(std::string_view text) { return text.size() > kLongestText; }
    static bool is_long(std::int64_t) { return false; }
    template <class Items, class View>
    static bool is_long(const TextList<Items, View>& list) {
        for (const auto& item : list.items) {
            if (is_long(list.view(item))) return true;
        }
        return false;
    }
    static Field as_field(std::string_view text, std::string&&) { return text; }
    static Field as_field(std::int64_t number, std::string&&) { return number; }
    /// `encoded` lives until the record is made.
    template <class Items, class View>
    static Field as_field(const TextList<Items, View>& list, std::string&& encoded) {
        for (const auto& item : list.items)
            append_encoded_text(encoded, list.view(item));
        return std::string_view(encoded);
    }
    template <class... Fields>
    static constexpr unsigned text_bits_of(const Fields&...) {
        unsigned bits = 0;
        unsigned bit = 1;
        ((bits |= std::is_same_v<Fields, std::int64_t> ? 0 : bit, bit <<= 1), ...);
        return bits;
    }
    std::uint32_t added(EventKind kind, char* end, std::size_t size) {
        end_ = end;
        byte_size_ += size;
        ++count_;
        return ++numbers_[counter_of(event_info(kind).record_class)];
    }

    static const char* read_beginning(const char* begin, Event& event);
    char* room_for(std::size_t size) {
        if (blocks_.empty() || size > static_cast<std::size_t>(limit_ - end_)) add_block(size);
        return end_;
    }
    void add_block(std::size_t size);
    bool add_block_of(std::size_t size, std::size_t alignment);
    void allocate_block(std::size_t size, std::size_t alignment);
    std::uint32_t record_cut(EventKind kind, Duration time, const EventPlace& place,
                             std::span<const Field> fields);
    /// `size` is that of the whole record.
    std::uint32_t append(EventKind kind, Duration time, const EventPlace& place,
                         std::span<const Field> fields, std::size_t size);

    struct Amendment {
        RecordClass record_class;
        std::uint32_t number;
        std::size_t field;
        std::string text;
    };
    void apply_amendments(Event& event) const;

    std::vector<Amendment> amendments_;  ///< few
    std::vector<Block> blocks_;
    char* end_ = nullptr;          ///< of what is recorded in the last block
    const char* limit_ = nullptr;  ///< of its memory
    std::size_t byte_size_ = 0;
    std::size_t most_bytes_ = kMostBytes;
    MemoryBudget* budget_;
    std::size_t memory_ = 0;  ///< of all blocks
    std::uint32_t count_ = 0;
    std::uint32_t numbers_[4] = {};  ///< by counter_of()
    std::uint64_t left_out_ = 0;
};

}  // namespace relux::report

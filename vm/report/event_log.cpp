// Recording and decoding of events. A record is: kind (u8), time (u64, nanoseconds), span, shell, module,
// line (u32 each), then the fields that events.def declares for the kind, in order: a text as length and
// bytes, anything else as u64. Nothing in a record says which type a field has; events.def does, and
// recording asserts that the two agree.
#include "vm/report/event_log.h"

#include <array>

#include "vm/base/assert.h"
#include "vm/base/text.h"

namespace relux::report {

namespace {

constexpr std::size_t kEventKinds = 0
#define EVENT(name, text, fields, about) +1
#define SPAN(name, text, fields, result, about) +1
#define BUFFER(name, text, fields, about) +1
#define MARK(name, fields) +1
#include "vm/report/events.def"
#undef MARK
#undef BUFFER
#undef SPAN
#undef EVENT
    ;

// Built at the first use, not at start-up: a run that passes formats no event.
const std::array<EventInfo, kEventKinds>& event_infos() {
#define TEXT(name) FieldInfo{#name, FieldType::Text},
#define NUMBER(name) FieldInfo{#name, FieldType::Number},
#define MILLISECONDS(name) FieldInfo{#name, FieldType::Milliseconds},
#define FLAG(name) FieldInfo{#name, FieldType::Flag},
#define TEXTS(name) FieldInfo{#name, FieldType::Texts},
#define PAIRS(name) FieldInfo{#name, FieldType::Pairs},
#define EVENT(name, text, fields, about) EventInfo{RecordClass::Event, text, {fields}, "", about},
#define SPAN(name, text, fields, result, about) EventInfo{RecordClass::Span, text, {fields}, result, about},
#define BUFFER(name, text, fields, about) EventInfo{RecordClass::Buffer, text, {fields}, "", about},
#define MARK(name, fields) EventInfo{RecordClass::Mark, "", {fields}, "", ""},
    static const std::array<EventInfo, kEventKinds> infos = {{
#include "vm/report/events.def"
    }};
#undef MARK
#undef BUFFER
#undef SPAN
#undef EVENT
#undef PAIRS
#undef TEXTS
#undef FLAG
#undef MILLISECONDS
#undef NUMBER
#undef TEXT
    return infos;
}

bool is_recorded_as_text(FieldType type) {
    return type == FieldType::Text || type == FieldType::Texts || type == FieldType::Pairs;
}

// The count of what is missing stands in the text itself, so every reader of the log shows it.
void record_long_text(ByteWriter& bytes, std::string_view text) {
    auto kept = text.substr(0, EventLog::kLongestText);
    kept.remove_suffix(incomplete_utf8_tail(kept));
    std::string cut(kept);
    cut += "... [" + std::to_string(text.size() - kept.size()) + " bytes left out]";
    bytes.string(cut);
}

// What a reader needs to understand the outcome, however much came before it.
bool is_always_recorded(EventKind kind) {
    return kind == EventKind::Failed || kind == EventKind::Warning || kind == EventKind::Timeout ||
           kind == EventKind::MultiMatchTimeout || kind == EventKind::FailPatternTriggered ||
           kind == EventKind::SpanEnd;
}

}  // namespace

const EventInfo& event_info(EventKind kind) {
    auto number = static_cast<std::size_t>(kind);
    RELUX_ASSERT(number < kEventKinds, "event kind out of range");
    return event_infos()[number];
}

std::size_t event_kind_count() {
    return kEventKinds;
}

std::string encode_texts(std::span<const std::string_view> texts) {
    ByteWriter bytes;
    for (const auto text : texts) {
        if (text.size() > EventLog::kLongestText) {
            record_long_text(bytes, text);
        } else {
            bytes.string(text);
        }
    }
    return std::move(bytes.bytes());
}

std::vector<std::string_view> decode_texts(std::string_view encoded) {
    std::vector<std::string_view> texts;
    ByteReader reader(encoded);
    while (!reader.at_end() && !reader.failed())
        texts.push_back(reader.string());
    RELUX_ASSERT(!reader.failed(), "a list of texts is whole");
    return texts;
}

std::uint32_t EventLog::record(EventKind kind, Duration time, const EventPlace& place,
                               std::initializer_list<Field> fields) {
    if (bytes_.bytes().size() > kMostBytes && !is_always_recorded(kind)) {
        ++left_out_;
        return 0;
    }
    const auto& info = event_info(kind);
    RELUX_ASSERT(fields.size() == info.fields.size(), "an event is recorded with the fields of events.def");
    bytes_.u8(static_cast<std::uint8_t>(kind));
    bytes_.u64(static_cast<std::uint64_t>(time.count()));
    bytes_.u32(place.span);
    bytes_.u32(place.shell);
    bytes_.u32(place.module);
    bytes_.u32(place.line);
    auto declared = info.fields.begin();
    for (const auto& field : fields) {
        RELUX_ASSERT(field.is_text == is_recorded_as_text(declared->type),
                     "a field has the type of events.def");
        if (!field.is_text) {
            bytes_.u64(static_cast<std::uint64_t>(field.number));
        } else if (declared->type == FieldType::Text && field.text.size() > kLongestText) {
            record_long_text(bytes_, field.text);
        } else {
            bytes_.string(field.text);
        }
        ++declared;
    }
    ++count_;
    return ++numbers_[static_cast<std::size_t>(info.record_class)];
}

void EventLog::for_each(const std::function<void(const Event&)>& visit) const {
    ByteReader reader(bytes_.bytes());
    Event event{};
    std::uint32_t numbers[4] = {};
    while (!reader.at_end()) {
        event.kind = static_cast<EventKind>(reader.u8());
        event.time = Duration(static_cast<std::int64_t>(reader.u64()));
        event.place.span = reader.u32();
        event.place.shell = reader.u32();
        event.place.module = reader.u32();
        event.place.line = reader.u32();
        event.fields.clear();
        const auto& info = event_info(event.kind);
        event.number = ++numbers[static_cast<std::size_t>(info.record_class)];
        for (const auto& declared : info.fields) {
            if (is_recorded_as_text(declared.type)) {
                event.fields.emplace_back(reader.string());
            } else {
                event.fields.emplace_back(static_cast<std::int64_t>(reader.u64()));
            }
        }
        RELUX_ASSERT(!reader.failed(), "the log holds whole records");
        visit(event);
    }
}

}  // namespace relux::report

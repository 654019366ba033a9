// Recording and decoding of events. A record is: kind (u8), time (i64, nanoseconds), span, shell, module,
// line (u32 each), then the fields that events.def declares for the kind, in order: a text as length (u32)
// and bytes, anything else as i64; all as the machine has them, unaligned. Nothing in a record says which
// type a field has; events.def does, and recording asserts that the two agree.
#include "vm/report/event_log.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

#include "vm/base/text.h"

namespace relux::report {

namespace {

constexpr std::size_t kEventKinds = 0
#define RECORD(name, fields) +1
#include "vm/report/events.def"
    ;

/// A block is as large as all before it together, up to this: most logs are short, and many may be open at
/// once.
constexpr std::size_t kSmallestBlock = 1024;
constexpr std::size_t kUsualBlock = 128 * 1024;
/// A log that is longer than this many bytes gets blocks of a huge page each, where the kernel has them: the
/// first use of 512 small pages takes as long as all that is recorded in them (measured: 2 to 3 µs a page in
/// a virtual machine).
constexpr std::size_t kLongLog = 256 * 1024;
constexpr std::size_t kHugePage = 2 * 1024 * 1024;

using TextSize = std::uint32_t;

// The count of what is missing stands in the text itself, so every reader of the log shows it.
std::string cut_text(std::string_view text) {
    auto kept = text.substr(0, EventLog::kLongestText);
    kept.remove_suffix(incomplete_utf8_tail(kept));
    std::string cut(kept);
    cut += "... [" + std::to_string(text.size() - kept.size()) + " bytes left out]";
    return cut;
}

// Whether a reader needs this kind to understand the outcome, however much came before it.
bool is_always_recorded(EventKind kind) {
    return kind == EventKind::Failed || kind == EventKind::Cancelled || kind == EventKind::Warning ||
           kind == EventKind::Timeout || kind == EventKind::MultiMatchTimeout ||
           kind == EventKind::FailPatternTriggered || kind == EventKind::SpanEnd;
}

template <class Value>
const char* take(const char* at, Value& value) {
    std::memcpy(&value, at, sizeof value);
    return at + sizeof value;
}

}  // namespace

#define MEMBER(name) ",\n      \"" #name "\": "
#define FIELD(type, name) FieldInfo{#name, FieldType::type, MEMBER(name)},
#define KIND(text) MEMBER(kind) "\"" text "\""
#define EVENT(name, text, look, fields, about) \
    {RecordClass::Event, text, {fields}, "", about, KIND(text), RowLook::look},
#define SPAN(name, text, fields, result, about) \
    {RecordClass::Span, text, {fields}, result, about, KIND(text)},
#define BUFFER(name, text, fields, about) {RecordClass::Buffer, text, {fields}, "", about, KIND(text)},
#define MARK(name, fields) {RecordClass::Mark, "", {fields}, "", "", ""},
constinit const EventInfo event_infos[] = {
#include "vm/report/events.def"
};
#undef KIND
#undef MEMBER

std::size_t event_kind_count() {
    return kEventKinds;
}

void append_encoded_text(std::string& encoded, std::string_view text) {
    std::string cut;
    if (text.size() > EventLog::kLongestText) text = cut = cut_text(text);
    const auto size = static_cast<TextSize>(text.size());
    char bytes[sizeof size];
    std::memcpy(bytes, &size, sizeof size);
    encoded.append(bytes, sizeof bytes).append(text);
}

std::string encode_texts(std::span<const std::string_view> texts) {
    std::string encoded;
    for (const auto text : texts)
        append_encoded_text(encoded, text);
    return encoded;
}

bool EncodedTexts::next(std::string_view& text) {
    if (rest_.empty()) return false;
    RELUX_ASSERT(rest_.size() >= sizeof(TextSize), "a list of texts is whole");
    TextSize size = 0;
    take(rest_.data(), size);
    rest_.remove_prefix(sizeof size);
    RELUX_ASSERT(size <= rest_.size(), "a list of texts is whole");
    text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
}

std::vector<std::string_view> decode_texts(std::string_view encoded) {
    std::vector<std::string_view> texts;
    EncodedTexts list(encoded);
    for (std::string_view text; list.next(text);)
        texts.push_back(text);
    return texts;
}

void EventLog::amend(RecordClass record_class, std::uint32_t number, std::size_t field,
                     std::string_view text) {
    amendments_.push_back(
        {record_class, number, field, text.size() > kLongestText ? cut_text(text) : std::string(text)});
}

void EventLog::apply_amendments(Event& event) const {
    for (const auto& amendment : amendments_) {
        if (amendment.number == event.number && amendment.record_class == event_info(event.kind).record_class)
            event.fields[amendment.field].text = amendment.text;
    }
}

void EventLog::add_block(std::size_t size) {
    // Once full, there is little to come.
    const bool is_long = byte_size_ > kLongLog && byte_size_ <= most_bytes_;
    if (!is_long || !add_block_of((size + kHugePage - 1) / kHugePage * kHugePage, kHugePage)) {
        const auto usual = std::max(size, std::clamp(byte_size_, kSmallestBlock, kUsualBlock));
        if (!add_block_of(usual, alignof(std::max_align_t))) {
            most_bytes_ = std::min(most_bytes_, byte_size_);
            if (budget_ != nullptr) budget_->take_anyway(usual);
            allocate_block(usual, alignof(std::max_align_t));
        }
    }
}

/// False: the run has no memory for it.
bool EventLog::add_block_of(std::size_t size, std::size_t alignment) {
    const bool sure = memory_ + size <= kLongLog;
    if (budget_ != nullptr && sure) budget_->take_anyway(size);
    if (budget_ != nullptr && !sure && !budget_->take(size)) return false;
    allocate_block(size, alignment);
    return true;
}

void EventLog::allocate_block(std::size_t size, std::size_t alignment) {
    const auto memory = (size + alignment - 1) / alignment * alignment;
    memory_ += size;
    if (!blocks_.empty()) blocks_.back().end = end_;
    auto& block = blocks_.emplace_back();
    block.bytes.reset(static_cast<char*>(std::aligned_alloc(alignment, memory)));
    RELUX_ASSERT(block.bytes != nullptr, "out of memory");
    end_ = block.bytes.get();
    limit_ = end_ + memory;
    // Only a wish: without huge pages all is as before.
    if (alignment == kHugePage) ::madvise(end_, memory, MADV_HUGEPAGE);
}

std::uint32_t EventLog::record(EventKind kind, Duration time, const EventPlace& place,
                               std::initializer_list<Field> fields) {
    if (byte_size_ > most_bytes_ && !is_always_recorded(kind)) {
        ++left_out_;
        return 0;
    }
    const auto& info = event_info(kind);
    std::size_t size = kHeaderSize;
    unsigned texts = 0;
    unsigned bit = 1;
    bool is_long = false;
    for (const auto& field : fields) {
        size += field.is_text ? sizeof(TextSize) + field.text.size() : sizeof field.number;
        texts |= field.is_text ? bit : 0;
        is_long |= field.text.size() > kLongestText;
        bit <<= 1;
    }
    RELUX_ASSERT(fields.size() == info.fields.size() && texts == info.texts,
                 "an event is recorded with the fields of events.def");
    if (is_long) return record_cut(kind, time, place, fields);
    return append(kind, time, place, fields, size);
}

std::uint32_t EventLog::record_cut(EventKind kind, Duration time, const EventPlace& place,
                                   std::span<const Field> fields) {
    std::vector<std::string> texts;
    texts.reserve(fields.size());
    FieldList<Field> cut;
    std::size_t size = kHeaderSize;
    for (const auto& field : fields) {
        cut.push_back(field);
        auto& last = cut[cut.size() - 1];
        if (field.text.size() > kLongestText && event_info(kind).fields[cut.size() - 1].is_one_text())
            last.text = texts.emplace_back(cut_text(field.text));
        size += field.is_text ? sizeof(TextSize) + last.text.size() : sizeof field.number;
    }
    return append(kind, time, place, {cut.begin(), cut.size()}, size);
}

std::uint32_t EventLog::append(EventKind kind, Duration time, const EventPlace& place,
                               std::span<const Field> fields, std::size_t size) {
    char* at = put_header(room_for(size), kind, time, place);
    for (const auto& field : fields)
        at = field.is_text ? put_field(at, field.text) : put_field(at, field.number);
    return added(kind, at, size);
}

namespace {

const char* read_header(const char* begin, Event& event) {
    event.begin = begin;
    const char* at = take(begin, event.kind);
    at = take(at, event.time);
    return take(at, event.place);
}

}  // namespace

const char* EventLog::read_beginning(const char* begin, Event& event) {
    const char* at = read_header(begin, event);
    const auto& info = event_info(event.kind);
    auto texts = info.texts;
    for (auto left = info.fields.size(); left > 0; --left, texts >>= 1) {
        TextSize size = 0;
        const char* const behind_size = take(at, size);
        at = (texts & 1) != 0 ? behind_size + size : at + sizeof(std::int64_t);
    }
    return at;
}

const char* EventLog::read(const char* begin, Event& event) {
    const char* at = read_header(begin, event);
    const auto& info = event_info(event.kind);
    const auto count = info.fields.size();
    event.fields.resize(count);
    auto texts = info.texts;
    for (std::size_t i = 0; i < count; ++i, texts >>= 1) {
        auto& field = event.fields[i];
        field.is_text = (texts & 1) != 0;
        if (field.is_text) {
            TextSize size = 0;
            at = take(at, size);
            field.text = std::string_view(at, size);
            field.number = 0;
            at += size;
        } else {
            at = take(at, field.number);
            field.text = {};
        }
    }
    return at;
}

}  // namespace relux::report

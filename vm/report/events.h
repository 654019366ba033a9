// The records of an event log by name: for each row of events.def a struct with a member for each field, in
// the order of the row. EventLog::record() takes them, and read() gives them again, as views into the log.
// Whoever makes one gives all its members: one that is left out is a warning of the compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "vm/base/duration.h"
#include "vm/report/event_log.h"

namespace relux::report::events {

/// The type of a member. `List` is that of a field of several texts.
template <FieldType kType, class List>
struct MemberOf {
    static constexpr bool kIsText = kType == FieldType::Text || kType == FieldType::OptionalText;
    using Type = std::conditional_t < kType == FieldType::Timeout, RecordedTimeout,
          std::conditional_t<
              kType == FieldType::Milliseconds, Duration,
              std::conditional_t<
                  kType == FieldType::Flag, bool,
                  std::conditional_t<kType<FieldType::Text, std::int64_t,
                                           std::conditional_t<kIsText, std::string_view, List>>>>>;
};

/// The value of a member that was recorded.
template <FieldType kType>
typename MemberOf<kType, std::string_view>::Type member_from(const Field& field) {
    if constexpr (kType == FieldType::Timeout) {
        return RecordedTimeout::from(field.text);
    } else if constexpr (kType == FieldType::Milliseconds) {
        return Duration(field.number);
    } else if constexpr (kType == FieldType::Flag) {
        return field.number != 0;
    } else if constexpr (kType < FieldType::Text) {
        return field.number;
    } else {
        return field.text;
    }
}

// The fields of a row come with commas of their own.
//
// A row is a struct NameOf<List>. `List` is what its fields of several texts are given as: texts that are
// encoded already, or a TextList, which the log encodes in place. Name, the first of the two, is what is
// read.
#define FIELD(type, name) typename MemberOf<FieldType::type, List>::Type name;
#define RECORD(kind, ...)                                   \
    template <class List = std::string_view>                \
    struct kind##Of {                                       \
        static constexpr EventKind kKind = EventKind::kind; \
        __VA_ARGS__                                         \
    };                                                      \
    using kind = kind##Of<>;
#include "vm/report/events.def"

// Calls `visit` with all members, in the order of the row.
#define FIELD(type, name) , record.name
#define RECORD(kind, ...)                                                                             \
    template <class List, class Visit>                                                                \
    decltype(auto) visit_members([[maybe_unused]] const kind##Of<List>& record, const Visit& visit) { \
        return visit(EventKind::kind __VA_ARGS__);                                                    \
    }
#include "vm/report/events.def"

#define FIELD(type, name) member_from<FieldType::type>(*at++),
#define RECORD(kind, ...)                                                                  \
    inline kind members_from(std::type_identity<kind>, [[maybe_unused]] const Field* at) { \
        return kind{__VA_ARGS__};                                                          \
    }
#include "vm/report/events.def"

/// The fields of a record of that kind by name.
template <class Record>
Record read(const FieldList<Field>& fields) {
    return members_from(std::type_identity<Record>(), fields.begin());
}
template <class Record>
Record read(const Event& event) {
    RELUX_ASSERT(event.kind == Record::kKind, "a record is read as what it is");
    return read<Record>(event.fields);
}

// Where a field stands in its row, for EventLog::amend() and EventFields.
#define FIELD(type, name) name,
#define RECORD(kind, ...)                             \
    struct kind##Fields {                             \
        enum At : std::size_t { __VA_ARGS__ kCount }; \
    };
#include "vm/report/events.def"

}  // namespace relux::report::events

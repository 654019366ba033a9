// The rows of module.def and records.def as a walk over a module, for every pass that has to see each field:
// for_each_section, then for_each_field for the records in it. A pass offers row(row, value), once for all or
// for kinds of rows and types of values that it tells apart; a type that it does not know is an error of the
// compiler. Private to vm/bytecode, and to the page that describes it.
#pragma once

#include <bit>
#include <concepts>
#include <string_view>
#include <type_traits>

#include "vm/bytecode/module.h"

namespace relux::bytecode {

/// Whether a field is part of what a piece of a module does: of its digest.
enum class InDigest : bool { Ignored, Counts };

/// A row of records.def. The rule may be empty.
template <InDigest kDigest>
struct FieldRow {
    static constexpr bool kCounts = kDigest == InDigest::Counts;
    std::string_view name, meaning, rule;
};

/// A row of module.def.
struct ValueRow {
    std::string_view line;
};
template <class Entry>
struct TableRow {
    std::string_view word, words;
};
struct SectionRow {
    std::string_view name, meaning;
};

/// How an enumeration is shown and checked; a number of none of its names is unknown.
template <class Type>
struct EnumRow;
#define ENUM(Type, unknown, rule)                             \
    template <>                                               \
    struct EnumRow<Type> {                                    \
        static constexpr std::string_view kUnknown = unknown; \
        static constexpr std::string_view kRule = rule;       \
        static constexpr std::string_view kNames[] = {
#define ENUMERATOR(Name, text) text,
#define ENUM_END(Type) \
    }                  \
    ;                  \
    }                  \
    ;
#include "vm/bytecode/records.def"
template <>
struct EnumRow<TimeoutKind> {
    static constexpr std::string_view kUnknown = "";
    static constexpr std::string_view kRule = "unknown kind of time-out";
    static constexpr std::string_view kNames[] = {"", "~", "@"};
};

/// The name of a record and the line that shows it.
template <class Type>
struct RecordRow;
#define RECORD(Type, name, line)                        \
    template <>                                         \
    struct RecordRow<Type> {                            \
        static constexpr std::string_view kName = name; \
        static constexpr std::string_view kLine = line; \
    };
#include "vm/bytecode/records.def"

template <class T>
concept AnyRecord = requires {
    RecordRow<T>::kName;
};

/// for_each_field(record, pass) calls pass.row(row, member, used) for each field, in file order. `used` is
/// false for an index of FIELD_WHEN that leads nowhere in this record.
#define RECORD(Type, name, line)                             \
    template <class Record, class Pass>                      \
    requires std::same_as<std::remove_const_t<Record>, Type> \
    void for_each_field(Record& record, Pass& pass) {
#define FIELD(Type, member, initial, digest, name, meaning, ...) \
    ROW(member, true, digest, name, meaning, "" __VA_ARGS__)
#define FIELD_WHEN(condition, Type, member, initial, digest, name, meaning, ...) \
    ROW(member, record.has_##member(), digest, name, meaning, "" __VA_ARGS__)
#define LIST(Type, member, digest, name, meaning, ...) \
    ROW(member, true, digest, name, meaning, "" __VA_ARGS__)
#define ROW(member, used, digest, name, meaning, rule)                         \
    {                                                                          \
        static constexpr FieldRow<InDigest::digest> kRow{name, meaning, rule}; \
        pass.row(kRow, record.member, used);                                   \
    }
#define RECORD_END(Type) }
#include "vm/bytecode/records.def"
#undef ROW

/// Calls visit(row, fields) for each section, in file order; fields(pass) calls pass.row(row, member) for
/// what is in it, with a ValueRow or a TableRow.
template <class ModuleType, class Visit>
void for_each_section(ModuleType& module, Visit visit) {
#define SECTION(name, meaning) visit(SectionRow{name, meaning}, [&](auto& pass) {
#define VALUE(Type, member, line) pass.row(ValueRow{line}, module.member);
#define TABLE(Entry, member, word, words) pass.row(TableRow<Entry>{word, words}, module.member);
#define SECTION_END \
    })              \
    ;
#include "vm/bytecode/module.def"
}

/// The table of the module that an index leads into.
#define TABLE(Entry, member, word, words)                                                         \
    inline const std::vector<Stored<Entry>::Type>& table_of(const Module& module, Index<Entry>) { \
        return module.member;                                                                     \
    }
#include "vm/bytecode/module.def"

inline constexpr std::uint32_t kSectionCount = 0
#define SECTION(name, meaning) +1
#include "vm/bytecode/module.def"
    ;

/// The least number of bytes that a value takes in a file.
template <class T>
constexpr std::size_t least_size() {
    if constexpr (std::is_same_v<T, bool> || std::is_enum_v<T>) return 1;
    if constexpr (std::is_arithmetic_v<T> || AnyIndex<T> || std::is_same_v<T, Instruction>) return sizeof(T);
    return sizeof(std::uint32_t);  // the length of a text or list
}
template <class T>
inline constexpr std::size_t kLeastSize = least_size<T>();
#define RECORD(Type, name, line) \
    template <>                  \
    inline constexpr std::size_t kLeastSize<Type> = 0
#define FIELD(Type, member, ...) +kLeastSize<Type>
#define LIST(Type, member, ...) +kLeastSize<std::vector<Type>>
#define RECORD_END(Type) ;
#include "vm/bytecode/records.def"

/// Values whose bytes in a file are those in memory, but for their order: nearly all of a module is code and
/// its places, and lists of these are one copy where the order is the same.
template <class T>
inline constexpr bool kFixedSize = std::is_same_v<T, Instruction> || std::is_same_v<T, Span> || AnyIndex<T> ||
                                   std::is_same_v<T, std::int64_t>;
template <class T>
inline constexpr bool kAsInMemory = kFixedSize<T>&& std::endian::native == std::endian::little;
static_assert(sizeof(Instruction) == 8 && sizeof(Span) == 12 && sizeof(StringIndex) == 4 &&
              std::is_trivially_copyable_v<Instruction> && std::is_trivially_copyable_v<Span> &&
              std::is_trivially_copyable_v<StringIndex>);

}  // namespace relux::bytecode

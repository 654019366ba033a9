// Numbers that lead to an entry of a table, with the table in their type. A plain number becomes an index by
// itself, as do those that come out of a file; an index of one table never becomes one of another.
#pragma once

#include <cstdint>
#include <type_traits>

#include "vm/base/assert.h"

namespace relux::bytecode {

inline constexpr std::uint32_t kNone = 0xffffffff;

enum class ChunkKind : std::uint8_t;

/// Leads to an Entry. Of chunks: `kKind` is the kind that the chunk must be of, and a chunk that such an
/// index leads to belongs to the record that has the index; without a kind a rule of the verifier says both.
template <class Entry, ChunkKind... kKind>
class Index {
    static constexpr bool kOfAnyKind = sizeof...(kKind) == 0;

  public:
    constexpr Index() = default;
    constexpr Index(std::uint32_t number) : number_(number) {}  // NOLINT(google-explicit-constructor)
    /// Forgets the kind of a chunk.
    template <ChunkKind kOther>
    requires kOfAnyKind constexpr Index(Index<Entry, kOther> other)  // NOLINT(google-explicit-constructor)
        : number_(other) {}

    constexpr operator std::uint32_t() const { return number_; }  // NOLINT(google-explicit-constructor)

  private:
    std::uint32_t number_ = 0;
};

/// Leads to an Entry, or is kNone.
template <class Entry, ChunkKind... kKind>
class OptionalIndex {
    static constexpr bool kOfAnyKind = sizeof...(kKind) == 0;

  public:
    constexpr OptionalIndex() = default;
    constexpr OptionalIndex(std::uint32_t number) : number_(number) {}  // NOLINT(google-explicit-constructor)
    constexpr OptionalIndex(Index<Entry, kKind...> index)               // NOLINT(google-explicit-constructor)
        : number_(index) {}
    /// Forget the kind of a chunk.
    template <ChunkKind kOther>
    requires kOfAnyKind constexpr OptionalIndex(
        Index<Entry, kOther> other)  // NOLINT(google-explicit-constructor)
        : number_(other) {}
    template <ChunkKind kOther>
    requires kOfAnyKind constexpr OptionalIndex(
        OptionalIndex<Entry, kOther> other)  // NOLINT(google-explicit-constructor)
        : number_(other) {}

    constexpr operator std::uint32_t() const { return number_; }  // NOLINT(google-explicit-constructor)
    /// Gives the index of what it leads to; not to be asked of kNone.
    constexpr Index<Entry, kKind...> operator*() const {
        RELUX_ASSERT(number_ != kNone, "an index that leads somewhere");
        return number_;
    }

  private:
    std::uint32_t number_ = kNone;
};

/// Tells what the type of an index says.
template <class T>
struct IndexTraits {
    static constexpr bool kIsIndex = false;
};
template <class E, bool kOptional>
struct EntryTraits {
    static constexpr bool kIsIndex = true, kIsOptional = kOptional, kOwns = false;
    using Entry = E;
};
template <class E, bool kOptional, ChunkKind kOwned>
struct ChunkTraits : EntryTraits<E, kOptional> {
    static constexpr bool kOwns = true;
    static constexpr ChunkKind kKind = kOwned;
};
template <class E>
struct IndexTraits<Index<E>> : EntryTraits<E, false> {};
template <class E, ChunkKind kKind>
struct IndexTraits<Index<E, kKind>> : ChunkTraits<E, false, kKind> {};
template <class E>
struct IndexTraits<OptionalIndex<E>> : EntryTraits<E, true> {};
template <class E, ChunkKind kKind>
struct IndexTraits<OptionalIndex<E, kKind>> : ChunkTraits<E, true, kKind> {};
template <class T>
concept AnyIndex = IndexTraits<T>::kIsIndex;

template <class A, class B>
concept OfOtherTables = !std::is_same_v<typename IndexTraits<A>::Entry, typename IndexTraits<B>::Entry>;

/// Indexes of different tables can't be compared.
template <AnyIndex A, AnyIndex B>
requires OfOtherTables<A, B>
bool operator==(A, B) = delete;

}  // namespace relux::bytecode

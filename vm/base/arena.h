// Memory that is taken piece by piece and given back all at once, and lists that live in it. For what is made
// by the thousand and ends together: the syntax of a suite, the code of a module that is being compiled.
// Not std::pmr: its arena gives its blocks back when it is cleared, and makes each allocation by a virtual
// call.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <new>
#include <string_view>
#include <type_traits>
#include <vector>

#include "vm/base/assert.h"
#include "vm/base/workplace_pool.h"

namespace relux {

template <class T>
class List;

/// Takes only what needs no destructor. Addresses stay until clear() or the end. For one thread at a time.
class Arena {
  public:
    Arena() = default;
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// `alignment` is a power of two, and not above that of std::max_align_t.
    void* allocate(std::size_t size, std::size_t alignment) {
        const auto padding = (alignment - reinterpret_cast<std::uintptr_t>(next_) % alignment) % alignment;
        if (size + padding > static_cast<std::size_t>(end_ - next_)) return allocate_elsewhere(size);
        char* const begin = next_ + padding;
        next_ = begin + size;
        return begin;
    }
    /// Room for `count` elements, which whoever asks for it fills.
    template <class T>
    T* room(std::size_t count) {
        static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
        return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    }
    template <class T>
    T* make(const T& value) {
        return new (room<T>(1)) T(value);
    }
    std::string_view copy(std::string_view text) {
        if (text.empty()) return {};
        auto* const begin = room<char>(text.size());
        std::memcpy(begin, text.data(), text.size());
        return {begin, text.size()};
    }
    template <class T>
    List<T> copy(List<T> list) {
        if (list.empty()) return {};
        auto* const begin = room<T>(list.size());
        std::memcpy(static_cast<void*>(begin), list.data(), list.size() * sizeof(T));
        return {begin, list.size()};
    }
    /// Everything that was taken is gone; the memory stays, to be taken again.
    void clear();

  private:
    struct Block {
        char* begin;
        std::size_t size;
        char* usable;  ///< behind `begin` where it is mapped, and more aligned
        std::size_t usable_size;
        bool mapped;
    };
    void* allocate_elsewhere(std::size_t size);
    bool add_block(std::size_t least);

    char* next_ = nullptr;
    char* end_ = nullptr;
    std::size_t current_ = 0;  ///< the blocks before it and itself are in use
    std::vector<Block> blocks_;
};

/// A list that was made once: as cheap to copy as a pointer. It owns nothing; an Arena does.
template <class T>
class List {
  public:
    using value_type = T;
    List() = default;
    List(const T* first, std::size_t size) : first_(first), size_(static_cast<std::uint32_t>(size)) {}

    const T* begin() const { return first_; }
    const T* end() const { return first_ + size_; }
    const T* data() const { return first_; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const T& operator[](std::size_t index) const { return first_[index]; }
    const T& at(std::size_t index) const {
        RELUX_ASSERT(index < size_, "an element that the list has");
        return first_[index];
    }
    const T& front() const { return first_[0]; }
    const T& back() const { return first_[size_ - 1]; }

  private:
    const T* first_ = nullptr;
    std::uint32_t size_ = 0;
};

/// A list while it is made. What it outgrows stays in the arena, unused.
template <class T>
class GrowingList {
  public:
    using value_type = T;
    explicit GrowingList(Arena& arena) : arena_(&arena) {}

    T& push_back(const T& element) {
        if (size_ == capacity_) grow(size_ + 1);
        return *new (first_ + size_++) T(element);
    }
    template <class Iterator>
    void append(Iterator first, Iterator last) {
        const auto count = static_cast<std::size_t>(std::distance(first, last));
        if (size_ + count > capacity_) grow(size_ + count);
        for (; first != last; ++first)
            new (first_ + size_++) T(*first);
    }
    void reserve(std::size_t count) {
        if (count > capacity_) grow(count);
    }
    /// Without elements; the room stays.
    void clear() { size_ = 0; }
    T* begin() { return first_; }
    T* end() { return first_ + size_; }
    const T* begin() const { return first_; }
    const T* end() const { return first_ + size_; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T& operator[](std::size_t index) { return first_[index]; }
    const T& operator[](std::size_t index) const { return first_[index]; }
    const T& front() const { return first_[0]; }
    T& back() { return first_[size_ - 1]; }

    /// Gives the items that it has now, in place; neither it nor the list is to be changed after that.
    List<T> list() const { return {first_, size_}; }
    /// A copy with no more memory than it needs.
    List<T> copy(Arena& arena) const { return arena.copy(list()); }

  private:
    void grow(std::size_t least) {
        constexpr std::size_t kFirst = 4;
        const auto capacity = std::max({least, std::size_t{2} * capacity_, kFirst});
        auto* const moved = arena_->room<T>(capacity);
        if (size_ != 0) std::memcpy(static_cast<void*>(moved), first_, size_ * sizeof(T));
        first_ = moved;
        capacity_ = static_cast<std::uint32_t>(capacity);
    }

    Arena* arena_;
    T* first_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
};

/// For several threads.
using ArenaPool = WorkplacePool<Arena>;

}  // namespace relux

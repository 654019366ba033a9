// A hash table in one piece of memory, for tables that are made by the thousand and only grow: one that is
// small costs an allocation, and an entry costs none.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace relux {

/// Never zero. Of the address itself, not of what stands there; of a text for its bytes.
inline std::uint32_t flat_hash(std::uint64_t number) {
    return static_cast<std::uint32_t>(number * 0x9e3779b97f4a7c15 >> 32) | 1;
}
inline std::uint32_t flat_hash(const void* address) {
    return flat_hash(static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(address)));
}
inline std::uint32_t flat_hash(std::string_view text) {
    constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;
    std::uint64_t hash = text.size() * kFactor;
    const auto mix = [&](std::uint64_t word) {
        hash = (hash ^ word) * kFactor;
        hash ^= hash >> 29;
    };
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t), at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        mix(word);
    }
    if (left != 0) {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < left; ++i)
            word = word << 8 | static_cast<unsigned char>(at[i]);
        mix(word);
    }
    return static_cast<std::uint32_t>(hash >> 32) | 1;
}

/// Keys are addresses, not null, numbers, not 0, or texts, which must outlive the map. Values move while the
/// map grows. No order: what is found must not depend on it, so there is no way to walk over it.
template <class Key, class Value>
class FlatMap {
  public:
    FlatMap() = default;
    /// One that does not grow before it has `count` keys.
    explicit FlatMap(std::size_t count) : slots_(std::bit_ceil(std::max(kFirst, count + count / 7 + 1))) {}

    /// The value of the key, which is `value` if it is new, and whether it is.
    std::pair<Value*, bool> try_emplace(Key key, const Value& value) {
        if (8 * (size_ + 1) > 7 * slots_.size()) grow();
        const auto hash = flat_hash(key);
        Slot& slot = place(hash, key);
        if (!slot.free()) return {&slot.value, false};
        slot.key = key;
        slot.value = value;
        slot.set_hash(hash);
        ++size_;
        return {&slot.value, true};
    }
    Value& operator[](Key key) { return *try_emplace(key, Value()).first; }
    /// Null: there is none.
    const Value* find(Key key) const {
        if (size_ == 0) return nullptr;
        const Slot& slot = const_cast<FlatMap*>(this)->place(flat_hash(key), key);
        return slot.free() ? nullptr : &slot.value;
    }
    std::size_t size() const { return size_; }

  private:
    static constexpr std::size_t kFirst = 32;

    struct PlainSlot {
        Key key{};  ///< null or 0: free
        Value value{};
        bool free() const { return key == Key{}; }
        bool holds(std::uint32_t, Key wanted) const { return key == wanted; }
        std::uint32_t hash() const { return flat_hash(key); }
        void set_hash(std::uint32_t) {}
    };
    /// Texts are compared only when their hashes are the same, and hashed once.
    struct TextSlot {
        Key key{};
        Value value{};
        std::uint32_t known_hash = 0;  ///< 0: free
        bool free() const { return known_hash == 0; }
        bool holds(std::uint32_t hash, Key wanted) const { return known_hash == hash && key == wanted; }
        std::uint32_t hash() const { return known_hash; }
        void set_hash(std::uint32_t hash) { known_hash = hash; }
    };
    using Slot = std::conditional_t<std::is_same_v<Key, std::string_view>, TextSlot, PlainSlot>;

    Slot& place(std::uint32_t hash, Key key) {
        const auto mask = slots_.size() - 1;
        // Its upper bits are the better ones, and the lowest one is always set.
        for (auto i = (hash >> 1) & mask;; i = (i + 1) & mask) {
            Slot& slot = slots_[i];
            if (slot.free() || slot.holds(hash, key)) return slot;
        }
    }

    void grow() {
        const auto old =
            std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kFirst : 2 * slots_.size()));
        for (const Slot& slot : old) {
            if (!slot.free()) place(slot.hash(), slot.key) = slot;
        }
    }

    std::vector<Slot> slots_;  ///< a power of two of them, or none
    std::size_t size_ = 0;
};

}  // namespace relux

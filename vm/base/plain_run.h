// How much of a text can be copied as it is, found eight bytes at a time: what reports are written with.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace relux {

namespace plain_run_detail {

inline constexpr std::uint64_t kOnes = 0x0101010101010101U;
inline constexpr std::uint64_t kHighBits = 0x8080808080808080U;

/// The high bit of each byte that is zero, and maybe of bytes after the first of them.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
    return (word - kOnes) & ~word;
}

/// The same for bytes that are no printable ASCII, or one of these.
template <char... Excluded>
constexpr std::uint64_t special_bytes(std::uint64_t word) {
    const auto below_space = (word - kOnes * 0x20) & ~word;
    const auto excluded = (zero_bytes(word ^ (kOnes * static_cast<unsigned char>(Excluded))) | ... |
                           zero_bytes(word ^ (kOnes * 0x7f)));
    return (word | below_space | excluded) & kHighBits;
}

inline std::uint64_t little_endian_word(const char* bytes) {
    static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

}  // namespace plain_run_detail

/// Length of the longest beginning of `bytes` that is printable ASCII without these characters.
template <char... Excluded>
std::size_t plain_run(std::string_view bytes) {
    namespace detail = plain_run_detail;
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    std::size_t at = 0;
    if (bytes.size() >= kWord) {
        const auto last = bytes.size() - kWord;
        for (;;) {
            const auto special =
                detail::special_bytes<Excluded...>(detail::little_endian_word(bytes.data() + at));
            if (special != 0) return at + static_cast<std::size_t>(std::countr_zero(special)) / 8;
            if (at == last) return bytes.size();
            // The last word overlaps the one before it.
            at = at + kWord < last ? at + kWord : last;
        }
    }
    const auto is_plain = [](char byte) {
        return byte >= 0x20 && byte != 0x7f && ((byte != Excluded) && ...);
    };
    while (at < bytes.size() && is_plain(bytes[at]))
        ++at;
    return at;
}

}  // namespace relux

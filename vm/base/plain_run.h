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

/// Copies `size` bytes, between one and two of these parts, as two that may overlap; gives both parts.
template <class Part>
std::uint64_t copy_parts(const char* from, std::size_t size, char* to) {
    Part first = 0;
    Part last = 0;
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + size - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
    return std::uint64_t{first} | std::uint64_t{last} << sizeof(Part) * 8;
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

/// Whether plain_run() is all of `bytes`. They have then been copied to `to`, which has room for as many;
/// else anything may lie there.
template <char... Excluded>
bool copy_if_plain(std::string_view bytes, char* to) {
    namespace detail = plain_run_detail;
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    const char* const from = bytes.data();
    const auto size = bytes.size();
    if (size >= kWord) {
        const auto last = size - kWord;
        for (std::size_t at = 0;;) {
            const auto word = detail::little_endian_word(from + at);
            if (detail::special_bytes<Excluded...>(word) != 0) return false;
            std::memcpy(to + at, &word, kWord);
            if (at == last) return true;
            at = at + kWord < last ? at + kWord : last;
        }
    }
    static_assert(((Excluded != ' ') && ...), "spaces fill the word");
    constexpr auto kSpaces = detail::kOnes * ' ';
    if (size == 0) return true;
    const auto word = size >= 4   ? detail::copy_parts<std::uint32_t>(from, size, to)
                      : size >= 2 ? detail::copy_parts<std::uint16_t>(from, size, to) | kSpaces << 32
                                  : detail::copy_parts<std::uint8_t>(from, size, to) | kSpaces << 16;
    return detail::special_bytes<Excluded...>(word) == 0;
}

}  // namespace relux

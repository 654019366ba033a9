// Upper bounds that more than one layer must know, each said once: what one layer lets through, no other one
// refuses later in words that nobody understands. No honest input comes near. Whoever enforces one says the
// place and the bound.
#pragma once

#include <cstddef>
#include <cstdint>

namespace relux {

/// Lines of a file and bytes of a line: what the place of an instruction can hold.
inline constexpr std::uint32_t kMaximumPlace = 1u << 24;
/// Highest capture number: PCRE2 has no more groups.
inline constexpr std::uint32_t kMaximumCapture = 65535;

/// Bytes of a file that people write or tools make, by what is read whole; see read_file(). Larger ones are
/// no mistake that a message could explain better than their size does.
inline constexpr std::size_t kLargestSource = std::size_t{256} << 20;
/// A manifest, a `.env`, a configuration.
inline constexpr std::size_t kLargestSettings = std::size_t{16} << 20;
/// Archives, packs of the cache, what a run has written.
inline constexpr std::size_t kLargestFile = std::size_t{1} << 30;

/// Bytes of a path and of one name in it, as the system takes them.
inline constexpr std::size_t kLongestPath = 4095;
inline constexpr std::size_t kLongestFileName = 255;
/// Bytes of the text of a query: databases take no more.
inline constexpr std::size_t kLongestQuery = std::size_t{1} << 30;

/// Bytes of `NAME=value` with its NUL: the system starts no program with a longer one.
inline constexpr std::size_t kLongestVariable = std::size_t{128} << 10;
/// All of them, and the arguments: whatever the limits of the machine are, the system allows no more.
inline constexpr std::size_t kLargestEnvironment = std::size_t{6} << 20;

/// Mistakes that are shown of one file: those that follow hardly say more.
inline constexpr std::size_t kMostMistakes = 100;

/// Frames that are shown at each end of a chain of calls and effects; what is between them is counted.
inline constexpr std::size_t kMostFrames = 20;

}  // namespace relux

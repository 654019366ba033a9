// Times and sizes that the parts of a shell share, and how to add times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "vm/base/duration.h"
#include "vm/io/loop.h"

namespace relux::run {

inline constexpr io::Time kNever = io::Time::max();
/// Output that waits to be read is read in the next turn of the loop.
inline constexpr Duration kTurn = std::chrono::milliseconds(1);

/// Output shown in a failure, and of a line that was sent what is remembered.
inline constexpr std::size_t kOutputTail = 4096;
/// The same of the first output after the cursor, where the last part is not all.
inline constexpr std::size_t kOutputHead = 1024;

/// Without overflow.
inline io::Time add(io::Time time, Duration duration) {
    return duration > kNever - time ? kNever : time + duration;
}

inline std::string place_text(const std::string& file, std::uint32_t line) {
    return file + ":" + std::to_string(line);
}

}  // namespace relux::run

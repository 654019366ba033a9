// What the parts of Shell share: how long it is patient with what.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "vm/base/duration.h"
#include "vm/io/loop.h"

namespace relux::run {

inline constexpr io::Time kNever = io::Time::max();
/// Language 5.6: output that has been quiet for this long settles a tentative match.
inline constexpr Duration kSettleTime = std::chrono::milliseconds(20);
/// After the shell's process has ended, how long its terminal may stay open before its output counts as over.
inline constexpr Duration kOrphanedTerminal = std::chrono::milliseconds(100);

/// How many sends are remembered, to tell which one started a process.
inline constexpr std::size_t kSendsKept = 256;
/// Output shown in a failure, and of a line that was sent what is remembered.
inline constexpr std::size_t kOutputTail = 4096;

/// Without overflow.
inline io::Time add(io::Time time, Duration duration) {
    return duration > kNever - time ? kNever : time + duration;
}

inline std::string place_text(const std::string& file, std::uint32_t line) {
    return file + ":" + std::to_string(line);
}

/// When to look again whether somebody reads: soon, as a shell that has just printed its prompt reads within
/// 0.1 ms, then less and less often, as one that runs a command goes on for long. Each look costs some 10 µs.
class ReaderPoll {
  public:
    Duration next() {
        const Duration delay = delay_;
        delay_ = std::min(2 * delay_, kLast);
        return delay;
    }
    void restart() { delay_ = kFirst; }

  private:
    static constexpr Duration kFirst = std::chrono::microseconds(25);
    static constexpr Duration kLast = std::chrono::milliseconds(20);
    Duration delay_ = kFirst;
};

}  // namespace relux::run

// How many terminals the system has, and how many of them are free.
#pragma once

#include <cstddef>

namespace relux::io {

struct TerminalSupply {
    /// More than any system has terminals for, where it does not tell.
    static constexpr std::size_t kUnlimited = 1'000'000;
    std::size_t most = kUnlimited;
    std::size_t free = kUnlimited;  ///< at this moment; whoever is privileged may find a few more
};

/// Reads what /proc and the mount of /dev/pts tell: some 50 µs.
TerminalSupply terminal_supply();

}  // namespace relux::io

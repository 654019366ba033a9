// The runner's end of a terminal pair. Knows nothing of processes or of the loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "vm/base/fd.h"
#include "vm/base/result.h"

namespace relux::io {

struct Terminal {
    Fd master;         ///< non-blocking, closed on exec
    std::string path;  ///< of the other end, for the child to open
};

/// A terminal of the given size in its default mode (cooked, echo, ONLCR) and with IUTF8, so that the
/// kernel's own line editing erases whole characters.
Result<Terminal> open_terminal(std::uint16_t columns, std::uint16_t rows);

/// Longest line with its newline that a reader gets whole: 4096 in canonical mode (measured: 4095 bytes and
/// the newline arrive; of anything longer the kernel drops the rest of the line in silence), 0 in raw mode.
std::size_t terminal_line_limit(int master);

/// In raw mode without echo, as relays and full-screen programs have it.
bool terminal_is_raw(int master);

/// Whether input of these bytes can wake a reader: any byte in raw mode, in canonical mode only what ends a
/// line or raises a signal.
bool input_wakes_reader(int master, std::string_view bytes);

}  // namespace relux::io

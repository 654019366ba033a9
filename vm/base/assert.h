// Assertions: our own bugs, never the user's. An assertion prints the place and the reason, then aborts;
// it stays on in release builds, because a runner that goes on with broken state gives wrong answers.
#pragma once

namespace relux {

/// Prints `file:line: assertion failed: expression (reason)` on stderr and aborts.
[[noreturn]] void assertion_failed(const char* file, int line, const char* expression, const char* reason);

}  // namespace relux

#define RELUX_ASSERT(condition, reason) \
    ((condition) ? void(0) : ::relux::assertion_failed(__FILE__, __LINE__, #condition, reason))
#define RELUX_UNREACHABLE(reason) ::relux::assertion_failed(__FILE__, __LINE__, "unreachable", reason)

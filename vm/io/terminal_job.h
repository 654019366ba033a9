// What has a shell's terminal at a moment, as messages tell it.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace relux::io {

class ProcessTree;

struct TerminalJob {
    enum class State : std::uint8_t { Unknown, Running, Asleep, Stopped };

    pid_t pid = 0;  ///< of the foreground job the process that others wait for; 0: the system does not tell
    std::string command_line;
    std::string program;  ///< the file that it executes, without its directory
    State state = State::Unknown;
    bool is_shell = false;  ///< the shell's own process
    /// The terminal hands out whole lines, and shows nothing of what is typed.
    bool echo_is_off = false;
};

/// Takes some 50 µs. `master` is the runner's end of the terminal of `shell`.
TerminalJob terminal_job(int master, pid_t shell, const ProcessTree& processes);

}  // namespace relux::io

// Opens one shell as a test would and sees whether it can be worked with: prompt, reader, one command.
#pragma once

#include <optional>
#include <string>

#include "vm/base/duration.h"
#include "vm/base/result.h"
#include "vm/io/loop.h"
#include "vm/run/run_settings.h"

namespace relux::cli {

/// Names what tells whether a program waits for input (language 6.1).
enum class ReaderDetection : std::uint8_t {
    SystemCalls,  ///< /proc/<pid>/syscall
    WaitChannel,  ///< /proc/<pid>/wchan
    Quiet,        ///< neither: a millisecond without output
};

struct ShellProbe {
    std::string problem;  ///< why it could not be opened, or how it ended by itself; empty: neither
    std::optional<Duration> prompt_after;
    bool prompt_was_typed = false;         ///< it came only after a line that sets it
    std::optional<Duration> reader_after;  ///< since the prompt
    ReaderDetection detection = ReaderDetection::Quiet;
    std::optional<Duration> answer_after;  ///< of `echo`, with the prompt after it
    std::string output;                    ///< all of it, for messages
};

/// Takes at most about ten seconds; nothing is left running. `directory` is where the shell starts.
ShellProbe probe_shell(io::Loop& loop, const run::ShellSettings& settings, const std::string& directory);

}  // namespace relux::cli

// Says what a shell was doing when something that was waited for had not come: sentences for the failure,
// never a change of outcome. Looks at processes and the terminal; runs only after a failure.
#pragma once

#include <string>

#include "vm/run/shell_parts.h"
#include "vm/run/shell_reader.h"

namespace relux::run {

/// What every state of a shell that waits behind its prompt begins with.
inline constexpr std::string_view kAtPrompt = "at the prompt since ";

/// `at the prompt since 1.9s`, "`sleep 600` is running (pid 4242), asleep, no output for 2.0s"; empty:
/// nothing is known. `since` is when the wait began. Takes less than a millisecond.
std::string describe_state(const ShellParts& shell, const ShellReader& reader, io::Time since);

/// For an assertion that was exceeded, which nothing scales: how busy the machine is. `5 processes ready to
/// run on 2 processors, 3 other tests running`
std::string describe_load(const SharedResources& run);

/// The shell itself waits behind its prompt, and nothing is typed or printed that has not been read.
bool is_idle(const ShellParts& shell);

}  // namespace relux::run

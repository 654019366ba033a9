// Finds what a terminal shows behind its last line end: a prompt, a question, a screen, or only the echo of
// what was sent. For relays, whose far end can't be seen (language 6.1).
#pragma once

#include <string>
#include <string_view>

namespace relux::run {

/// Gives what is seen of the last line of `output`, which has not ended: without escape sequences and what a
/// carriage return wipes out. A movement of the cursor counts as something to be seen, for it comes with a
/// screen. Of a line that is long the end.
std::string unfinished_line(std::string_view output);

/// Whether `line`, which has come since `sent` was, asks for more: it is not empty, and not the echo of
/// `sent`. `ended`: what was sent ended in a newline, so that nothing has been typed behind it.
bool asks_for_input(std::string_view line, std::string_view sent, bool ended);

}  // namespace relux::run

// Prints what the programs say. Standard output carries only what was asked for; progress, results and
// complaints go to standard error. Nothing is buffered here, so lines of a run and of what it starts keep
// their order.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace relux::cli {

/// Exit statuses (cli 1).
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;  ///< tests failed, or the input has errors
inline constexpr int kUsage = 2;    ///< bad usage, or nothing could be started
inline constexpr int kInternalError = 70;
inline constexpr int kInterrupted = 130;

/// `text` with what a terminal would obey made visible, as vm/base/text.h says, but for newlines, tabs and
/// colours. What comes from archives, names of files and other programs' messages goes through it on its way
/// to a terminal, whoever has put it into a message.
std::string printable(std::string_view text);

/// Writes printable(text) whole, in one call where the system lets it. A reader that has gone away is no
/// error.
void print_output(std::string_view text);
void print_error(std::string_view text);
/// The same without a change, for what programs read.
void print_raw(int descriptor, std::string_view text);

/// Prints `error: message` on standard error; the returned status is kUsage.
int complain(std::string_view message);

/// `1 test`, `2 tests`: for words whose plural takes an s.
std::string count_of(std::size_t count, std::string_view word);

/// Whether standard error is a terminal that wants colour (NO_COLOR, TERM=dumb).
bool error_wants_color();

}  // namespace relux::cli

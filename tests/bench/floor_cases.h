// The cases of tools/bench, each done with as little as possible. Results go to standard output, one
// `name value` a line.
#pragma once

#include <string>
#include <vector>

namespace relux::bench {

using Command = std::vector<std::string>;

/// Nanoseconds of processor time of all threads of a process, also of one that has ended and not been waited
/// for.
long long processor_time(int pid);

/// A: one shell, `count` times `echo token-i` and a match of `^token-i$`.
void round_trips(int count, const Command& shell);
/// B: `line` typed once; all output logged to `log`, scanned for `pattern`, and each byte for `fail_pattern`.
/// Either may be empty; without `pattern` it reads up to the prompt.
void flood(const std::string& line, const std::string& pattern, const std::string& fail_pattern,
           const std::string& log, const Command& shell);
/// C, D, I: `count` shells, `jobs` at a time, each one round trip, hung up and waited for.
void tests(int count, int jobs, const Command& shell);
/// K: the same, but each `every`-th shell types `line` instead, and waits for `end` in its output. Prints the
/// time of each of these, in nanoseconds, as `line`.
void tests_with_lines(int count, int jobs, int every, const std::string& line, const std::string& end,
                      const Command& shell);
/// E: `count` shells at once; `line` in each, until each has printed `done`.
void open_at_once(int count, const std::string& line, const Command& shell);
/// F: `count` waits of `milliseconds` for what never comes, with another shell printing all the while if
/// `busy`. Prints how late each was, in nanoseconds, as `late`.
void time_outs(int count, int milliseconds, bool busy, const Command& shell);
/// G: reads all files below `directory` that end in `.relux`.
void read_sources(const std::string& directory);
/// H: `count` times what an instruction of string work does.
void string_work(int count);

/// Prints `size` bytes of lines in writes of `chunk`, the last line `flood-done`.
void emit(long long size, long long chunk);

/// G: as the first shell of a run, notes in the new file `note` the moment (`at`, as nanoseconds_now()) and
/// the processor time that the program that started it has used till then (`own`), and interrupts that
/// program. Every shell becomes `shell`.
void note_start(const std::string& note, const Command& shell);

/// Runs `program`, its output in `log`, and prints what it cost: the moment of its start (`start`, as
/// nanoseconds_now()), wall time, its own processor time, that of it and all its children, its exit status,
/// and the largest resident memory of any of them.
void measure(const std::string& log, const Command& program);

}  // namespace relux::bench

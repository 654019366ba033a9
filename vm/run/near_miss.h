// Why a match that timed out nearly matched (language 17): sentences for the failure, never a change of
// outcome. Works on what the buffers still hold; runs only after a failure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vm/match/output_buffer.h"
#include "vm/match/pattern.h"

namespace relux::run {

/// A match that moved the cursor.
struct Consumption {
    match::Position end = 0;
    const std::string* file = nullptr;  ///< the module's name, which outlives the test; null: nobody known
    std::uint32_t line = 0;
};

/// The text of one shell that is still held.
struct HeldOutput {
    std::string shell;          ///< as it is called in the events
    std::string started;        ///< where the effect that opened it was started; empty: by the test
    std::string_view text;      ///< all of it
    match::Position begin = 0;  ///< position of its first byte
    std::size_t cursor = 0;     ///< where in `text` it is
    const std::vector<Consumption>* consumptions = nullptr;
    std::string_view last_sent;  ///< the last line sent, without its newline
    std::string_view prompt;     ///< of a shell that has one

    std::string_view unread() const { return text.substr(cursor); }
};

/// Looks in `own` first, then in `others`. At most one sentence of each kind, and each is true: the pattern
/// has been matched against the text that it speaks of, with what it says was in the way changed. Takes some
/// milliseconds.
std::vector<std::string> near_misses(std::string_view pattern, bool is_regex, const HeldOutput& own,
                                     const std::vector<HeldOutput>& others);

}  // namespace relux::run

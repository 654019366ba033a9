// The reader of what is sent to a shell (language 6.1): looked up at the moment of a send, and when the
// prompt of the shell is waited for.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vm/io/loop.h"
#include "vm/run/last_command.h"
#include "vm/run/shell_parts.h"

namespace relux::run {

/// Says when to look again whether somebody reads: soon, as a shell that has just printed its prompt reads
/// within 0.1 ms, then less and less often, as one that runs a command goes on for long. Each look costs some
/// 10 µs.
class ReaderPoll {
  public:
    Duration next() {
        const Duration delay = delay_;
        delay_ = std::min(2 * delay_, kLast);
        return delay;
    }
    void restart() { delay_ = kFirst; }

  private:
    static constexpr Duration kFirst = std::chrono::microseconds(25);
    static constexpr Duration kLast = std::chrono::milliseconds(20);
    Duration delay_ = kFirst;
};

class ShellReader {
  public:
    /// `shell` outlives this.
    explicit ShellReader(ShellParts& shell) : shell_(shell) {}

    /// The reason why a send can't be written at this moment.
    enum class Hold : std::uint8_t {
        Nothing,
        Reader,   ///< nobody waits for input
        FarEnd,   ///< of a relay, which may not have come to read
        Unknown,  ///< the system does not tell
    };
    /// Reads what the shell has printed, if it waits itself, so that its prompt is known.
    Hold look();
    /// A look a moment ago has found the shell waiting, and nothing has been written or printed since.
    bool is_known_to_wait() const;
    enum class AtPrompt : std::uint8_t { Yes, NotYet, Unknown };
    /// Tells whether the shell waits behind its prompt.
    AtPrompt look_for_prompt();

    /// This is written now.
    void sent(std::string_view bytes);
    /// The last line sent, without its newline.
    const std::string& last_line() const { return last_line_; }
    /// It has not been ended.
    bool line_is_open() const { return line_open_; }
    /// The end of the output when a line was sent last.
    match::Position line_sent_at() const { return line_sent_at_; }
    const LastCommand& last_command() const { return last_command_; }

  private:
    void remember_line(std::string_view bytes);

    ShellParts& shell_;
    /// The last look that has found the shell waiting; a write ends it.
    struct KnownToWait {
        match::Position end = 0;
        io::Time at{0};
    };
    std::optional<KnownToWait> known_to_wait_;
    match::Position line_sent_at_ = 0;  ///< end of the output when a line was sent last
    std::string last_line_;             ///< the last line sent; being built while `line_open_`
    bool line_open_ = false;
    LastCommand last_command_;
};

}  // namespace relux::run

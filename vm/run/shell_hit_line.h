// The line that a fail pattern has hit. The outcome stands at the hit; what explains it often comes a moment
// later, in the rest of the line, and is read while the test is being torn down.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "vm/io/loop.h"
#include "vm/report/outcome.h"
#include "vm/run/shell_journal.h"
#include "vm/run/shell_output.h"
#include "vm/run/shell_wait.h"

namespace relux::run {

/// Either of these ends a line of output.
inline constexpr std::string_view kLineEnds = "\r\n";

class HitLine final : public Awaited {
  public:
    /// All outlive this.
    HitLine(AttemptContext& test, ShellWait& wait, const ShellJournal& journal, const ShellOutput& output)
        : test_(test), wait_(wait), journal_(journal), output_(output) {}

    /// The failure of a hit of `pattern` in `line`.
    report::Failure failure(std::string_view pattern, std::string_view line) const;
    /// `line`, which `event` has told, has not ended.
    void begin(std::string_view pattern, std::string_view line, std::uint32_t event);
    /// More output has come.
    void add(std::string_view bytes);
    /// Waits for the end of the line, or until nothing has come for 100 ms, for 500 ms and 64 KiB at most.
    /// Not when somebody waits for the test to end.
    ShellWait::Over ended() { return wait_.until_over(*this); }
    /// Tells what is known of the line, once. Called with the failure's first line, and the output.
    void close(const std::function<void(const report::Failure&)>& on_line);

    std::optional<io::Time> look() override;

  private:
    struct Open {
        std::string pattern;
        std::string text;
        std::uint32_t event = 0;
        io::Time hit_at{0};
        std::size_t read_on = 0;  ///< bytes since the hit
        bool ended = false;
    };

    AttemptContext& test_;
    ShellWait& wait_;
    const ShellJournal& journal_;
    const ShellOutput& output_;
    std::optional<Open> open_;
};

}  // namespace relux::run

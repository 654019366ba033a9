// A shell expects something of its output: N matchers and a deadline. ShellWait waits for it; every wait for
// output that can fail by a time-out is one of these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "vm/io/loop.h"
#include "vm/match/matcher.h"
#include "vm/run/shell_parts.h"
#include "vm/run/shell_patience.h"
#include "vm/run/shell_search.h"
#include "vm/run/shell_wait.h"

namespace relux::run {

/// One pattern, looked for from the cursor on.
struct Expected {
    Expected(std::shared_ptr<const match::Pattern> pattern, match::Position cursor)
        : matcher(std::move(pattern), cursor) {}

    bool matched() const { return state == match::Matcher::State::Matched; }
    /// The whole match.
    match::Found::Group found() const { return matcher.found().groups[0]; }

    match::Matcher matcher;
    match::Matcher::State state = match::Matcher::State::NeedMore;
    std::uint32_t event = 0;  ///< that has recorded the match
};

class Expectation : public Awaited {
  public:
    enum class End : std::uint8_t {
        Stopped,
        Matched,     ///< all of it
        TooComplex,  ///< one pattern
        Exited,      ///< nothing more will come
        TimedOut,
    };

    /// All outlive this. Allocates nothing unless a search is long.
    Expectation(ShellParts& shell, std::span<Expected> expected, const Deadline& deadline)
        : shell_(shell), expected_(expected), deadline_(deadline) {}
    Expectation(const Expectation&) = delete;
    Expectation& operator=(const Expectation&) = delete;

    virtual ~Expectation() = default;

    std::optional<io::Time> look() final;
    /// The way it has ended.
    End end() const { return end_; }
    /// From the beginning to the last look.
    Duration elapsed() const { return looked_at_ - deadline_.start; }
    const Deadline& deadline() const { return deadline_; }

  protected:
    // Kinds of expectations differ in these:

    /// Before the patterns are looked at.
    virtual void prepare() {}
    /// The pattern of this number has just been matched; records it.
    virtual void matched(std::size_t number);
    /// All patterns have; false: something else is still missing.
    virtual bool is_complete() { return true; }
    /// Not yet complete: when to look at more than the output.
    virtual io::Time look_again(io::Time now) { return static_cast<void>(now), kNever; }
    /// The oldest position that can still be needed.
    virtual match::Position needs_from() const;

    ShellParts& shell_;
    const std::span<Expected> expected_;

  private:
    match::Matcher::State look_at_patterns(bool is_over);
    std::optional<io::Time> ended(End end) {
        end_ = end;
        return std::nullopt;
    }

    const Deadline& deadline_;
    io::Time looked_at_{0};
    End end_ = End::Stopped;
    std::unique_ptr<SearchBeside> search_;  ///< of searched_, beside the loop
    match::Matcher* searched_ = nullptr;
};

}  // namespace relux::run

// One pattern against one buffer, resumed as output arrives. The result does not depend on how the output was
// cut (language 5.6), and the work is linear in it: a scan resumes where the last one could not decide.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "vm/match/output_buffer.h"
#include "vm/match/pattern.h"

namespace relux::match {

/// A match in absolute positions; group 0 first. Groups that took no part have begin == end == npos.
struct Found {
    static constexpr Position npos = ~Position(0);
    struct Group {
        Position begin = npos;
        Position end = npos;
    };
    std::vector<Group> groups;
};

class Matcher {
  public:
    enum class State : std::uint8_t {
        NeedMore,    ///< nothing can match in what has arrived
        Tentative,   ///< what has arrived may match, settled by more output, by quiet, or by the end
        Matched,     ///< found() is final
        TooComplex,  ///< PCRE2 gave up
    };

    /// Searches from `base` on, which is the beginning of the subject: nothing before it can be looked at.
    Matcher(std::shared_ptr<const Pattern> pattern, Position base);

    /// Looks at what has arrived since the last call. After Tentative, a call with `settled` (the output has been
    /// quiet for the settle time, or has closed) decides for the data as they are; it may still say NeedMore.
    /// A scan that found a long partial match is not repeated before enough new output has come, so a caller
    /// must call again with `settled` after each quiet spell while the state is Tentative.
    State advance(const OutputBuffer& buffer, bool settled);

    const Found& found() const { return found_; }
    const Pattern& pattern() const { return *pattern_; }
    Position base() const { return base_; }
    /// The oldest position that a later advance() may look at; the buffer must keep it.
    Position needs_from() const;

  private:
    std::shared_ptr<const Pattern> pattern_;
    Position base_;
    Position resume_;        ///< no match begins before it
    Position scanned_ = 0;   ///< end of the data at the last scan
    Position scan_again_ = 0;
    State state_ = State::NeedMore;
    Found found_;
};

}  // namespace relux::match

// One pattern against one buffer, resumed as output arrives. The result does not depend on how the output was
// cut (language 5.6), and the work is linear in it: a scan resumes where the last one could not decide.
//
// This makes it so: hard partial matching (any look at the end of the data is Tentative, and so is an empty
// match at the very end); an incomplete UTF-8 sequence at the end of the data waits for its other bytes; a
// scan resumes at a place where the search of the whole text would have made an attempt too, so that a `\r\n`
// is never halved, and sees as much before it as the pattern can look at.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "vm/match/long_search.h"
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
        Unfinished,  ///< long_search() must be made, and take() given its answer, before anything else
        Matched,     ///< found() is final
        TooComplex,  ///< PCRE2 gave up
    };

    /// Searches from `base` on, which is the beginning of the subject: nothing before it can be looked at.
    Matcher(std::shared_ptr<const Pattern> pattern, Position base);

    /// Looks at what has arrived since the last call. After Tentative, a call with `settled` (the output has
    /// been quiet for the settle time, or has closed) decides for the data as they are; it may still say
    /// NeedMore. A scan that found a long partial match is not repeated before enough new output has come, so
    /// a caller must call again with `settled` after each quiet spell while the state is Tentative.
    /// With Effort::Short, a search of many steps is left to the caller: Unfinished.
    State advance(const OutputBuffer& buffer, bool settled, Pattern::Effort effort = Pattern::Effort::Whole);

    /// While Unfinished: the search that is to be made. `buffer` is that of the call of advance() before.
    LongSearch long_search(const OutputBuffer& buffer) const;
    /// The answer of that search, which has been run. `buffer` may have more output by now.
    State take(const LongSearch& search, const OutputBuffer& buffer);

    const Found& found() const { return found_; }
    const Pattern& pattern() const { return *pattern_; }
    Position base() const { return base_; }
    /// The oldest position that a later advance() may look at; the buffer must keep it.
    Position needs_from() const;

  private:
    State search_literal(const OutputBuffer& buffer);
    State search_regex(const OutputBuffer& buffer, bool settled, Pattern::Effort effort);
    State scan(const OutputBuffer& buffer, Pattern::Effort effort);
    State after_scan(Pattern::Outcome outcome, Position subject, Position end, std::string_view text);
    State scan_settled(const OutputBuffer& buffer, Pattern::Effort effort);
    static State after_settled(Pattern::Outcome outcome);
    Pattern::Outcome search(const OutputBuffer& buffer, Position end, bool more_may_come,
                            Pattern::Effort effort);
    void set_found(const std::vector<Span>& spans, Position begin);
    Position last_attempt(std::string_view text) const;
    void follow_drop(const OutputBuffer& buffer);
    Position view_begin() const;
    Position subject_begin(const OutputBuffer& buffer) const;

    static constexpr Position kNever = ~Position(0);
    std::shared_ptr<const Pattern> pattern_;
    Position base_;
    Position resume_;              ///< no match begins before it
    Position scanned_ = kNever;    ///< end of the data at the last scan
    Position settled_ = kNever;    ///< end of the data at the last settled scan
    Position scan_again_ = 0;      ///< a scan is put off until the data reach it
    bool settled_closed_ = false;  ///< the last settled scan was of a closed buffer
    State state_ = State::NeedMore;
    /// Describes a search of what there was that has not been finished.
    struct Unfinished {
        Position begin = 0;
        Position end = 0;
        bool more_may_come = false;
        bool closed = false;
    };
    Unfinished unfinished_;
    Found found_;
    std::vector<Span> spans_;  ///< kept for its memory
};

}  // namespace relux::match

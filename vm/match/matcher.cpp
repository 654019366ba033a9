#include "vm/match/matcher.h"

#include <algorithm>
#include <utility>

#include "vm/base/assert.h"
#include "vm/base/text.h"
#include "vm/base/utf8.h"

namespace relux::match {

namespace {

/// Up to this size, pending text (from the place where a match may begin to the end) is scanned anew at every
/// call: a few microseconds, and terminals deliver at most 4 KiB a read. Beyond it, only when it has grown by
/// a quarter, so that all scans together cost at most five times the last.
constexpr Position kShortPending = 16 * 1024;

}  // namespace

Matcher::Matcher(std::shared_ptr<const Pattern> pattern, Position base)
    : pattern_(std::move(pattern)), base_(base), resume_(base) {}

Position Matcher::view_begin() const {
    auto lookbehind = pattern_->maximum_lookbehind();
    if (lookbehind == Pattern::kUnlimited || resume_ - base_ <= lookbehind) return base_;
    return resume_ - lookbehind;
}

/// Without what is left of a character that view_begin() has cut: it is more than the pattern can look at,
/// and in the middle of UTF-8 it would be no UTF-8.
Position Matcher::subject_begin(const OutputBuffer& buffer) const {
    constexpr Position kMostCut = 3;
    const auto begin = view_begin();
    if (begin == base_) return begin;
    const auto most = std::min(begin + kMostCut, resume_);
    auto at = begin;
    while (at < most && continues_character(buffer.view(at, at + 1).front()))
        ++at;
    return at;
}

Position Matcher::needs_from() const {
    return view_begin();
}

Matcher::State Matcher::advance(const OutputBuffer& buffer, bool settled, Pattern::Effort effort) {
    if (state_ == State::Matched || state_ == State::TooComplex || state_ == State::Unfinished) return state_;
    follow_drop(buffer);
    state_ = pattern_->is_regex() ? search_regex(buffer, settled || buffer.closed(), effort)
                                  : search_literal(buffer);
    return state_;
}

LongSearch Matcher::long_search(const OutputBuffer& buffer) const {
    RELUX_ASSERT(state_ == State::Unfinished, "there is a search to be made");
    const auto begin = unfinished_.begin;
    return {*pattern_, buffer.view(begin, unfinished_.end), static_cast<std::size_t>(resume_ - begin),
            unfinished_.more_may_come, unfinished_.closed};
}

Matcher::State Matcher::take(const LongSearch& search, const OutputBuffer& buffer) {
    RELUX_ASSERT(state_ == State::Unfinished, "there was a search to be made");
    const auto begin = unfinished_.begin;
    const auto outcome = search.outcome();
    if (outcome == Pattern::Outcome::Match) set_found(search.spans(), begin);
    if (outcome == Pattern::Outcome::Partial) spans_ = search.spans();
    const auto text = search.subject().substr(static_cast<std::size_t>(resume_ - begin));
    state_ = unfinished_.more_may_come ? after_scan(outcome, begin, unfinished_.end, text)
                                       : after_settled(outcome);
    // The buffer was too small for what came meanwhile, and what has been found is no longer there.
    if (state_ == State::Matched && found_.groups[0].begin < buffer.begin()) state_ = State::NeedMore;
    return state_;
}

void Matcher::follow_drop(const OutputBuffer& buffer) {
    if (view_begin() >= buffer.begin()) return;
    base_ = std::max(base_, buffer.begin());
    if (resume_ >= base_) return;
    resume_ = base_;
    scan_again_ = 0;
}

Matcher::State Matcher::search_literal(const OutputBuffer& buffer) {
    auto size = pattern_->text().size();
    if (buffer.end() - resume_ < size) return State::NeedMore;
    if (search(buffer, buffer.end(), false, Pattern::Effort::Whole) == Pattern::Outcome::Match)
        return State::Matched;
    // The last bytes may be the beginning of the literal.
    resume_ = buffer.end() - (size - 1);
    return State::NeedMore;
}

Matcher::State Matcher::search_regex(const OutputBuffer& buffer, bool settled, Pattern::Effort effort) {
    // A settled call scans too: without the scans that move resume_, many settled calls would be quadratic.
    if (buffer.end() != scanned_ && !buffer.closed()) {
        if (buffer.end() >= scan_again_) {
            state_ = scan(buffer, effort);
        } else if (buffer.end() != settled_) {
            state_ = State::Tentative;
        }
    }
    if (!settled || (state_ != State::NeedMore && state_ != State::Tentative)) return state_;
    return scan_settled(buffer, effort);
}

/// Looks for a match that no later output can change.
Matcher::State Matcher::scan(const OutputBuffer& buffer, Pattern::Effort effort) {
    scanned_ = buffer.end();
    const auto end = buffer.end() - incomplete_utf8_tail(buffer.view(resume_, buffer.end()));
    const auto begin = subject_begin(buffer);
    const auto outcome = search(buffer, end, true, effort);
    return outcome == Pattern::Outcome::Unfinished
               ? State::Unfinished
               : after_scan(outcome, begin, end, buffer.view(resume_, end));
}

/// Decides after a search whose text began at `subject`; `text` is the part of it from resume_ to `end`, and
/// behind that, up to scanned_, stands the beginning of a character.
Matcher::State Matcher::after_scan(Pattern::Outcome outcome, Position subject, Position end,
                                   std::string_view text) {
    if (outcome == Pattern::Outcome::TooComplex) return State::TooComplex;
    // PCRE2 sometimes takes the end for a certain end where there is nothing before it to look at: `\B` is a
    // full match in an empty subject, and after an invalid byte. So an empty match at the very end always
    // waits.
    bool empty_at_end = outcome == Pattern::Outcome::Match && found_.groups[0].begin == end;
    if (outcome == Pattern::Outcome::Match && !empty_at_end) return State::Matched;
    if (pattern_->resumable() && !empty_at_end) {
        // A partial match of nothing at the very end says no more than that all earlier attempts failed.
        auto begin = outcome == Pattern::Outcome::Partial ? subject + spans_[0].begin : end;
        resume_ = begin < end ? begin : last_attempt(text);
    }
    auto pending = scanned_ - resume_;
    scan_again_ = scanned_ + (pending > kShortPending ? pending / 4 : 1);
    return outcome != Pattern::Outcome::NoMatch || scanned_ > end ? State::Tentative : State::NeedMore;
}

/// Decides for the data as they are.
Matcher::State Matcher::scan_settled(const OutputBuffer& buffer, Pattern::Effort effort) {
    if (settled_ == buffer.end() && settled_closed_ == buffer.closed()) return State::NeedMore;
    settled_ = buffer.end();
    settled_closed_ = buffer.closed();
    return after_settled(search(buffer, buffer.end(), false, effort));
}

Matcher::State Matcher::after_settled(Pattern::Outcome outcome) {
    switch (outcome) {
        case Pattern::Outcome::Match:
            return State::Matched;
        case Pattern::Outcome::TooComplex:
            return State::TooComplex;
        case Pattern::Outcome::Unfinished:
            return State::Unfinished;
        case Pattern::Outcome::NoMatch:
        case Pattern::Outcome::Partial:
            break;
    }
    return State::NeedMore;
}

Pattern::Outcome Matcher::search(const OutputBuffer& buffer, Position end, bool more_may_come,
                                 Pattern::Effort effort) {
    const auto begin = subject_begin(buffer);
    const auto offset = static_cast<std::size_t>(resume_ - begin);
    const auto outcome =
        pattern_->search(buffer.view(begin, end), offset, more_may_come, buffer.closed(), spans_, effort);
    if (outcome == Pattern::Outcome::Unfinished) unfinished_ = {begin, end, more_may_come, buffer.closed()};
    if (outcome == Pattern::Outcome::Match) set_found(spans_, begin);
    return outcome;
}

void Matcher::set_found(const std::vector<Span>& spans, Position begin) {
    found_.groups.clear();
    for (const auto& span : spans) {
        bool unset = span.begin == Span::npos;
        found_.groups.push_back(unset ? Found::Group{} : Found::Group{begin + span.begin, begin + span.end});
    }
}

/// Where PCRE2 made its last attempt in `text`, which failed without a look past the end. Resuming there and
/// not at the end leaves it to PCRE2 how to go on from one attempt to the next: it goes over a `\n` after a
/// `\r`.
Position Matcher::last_attempt(std::string_view text) const {
    // No character is longer than 4 bytes; in a long run of bytes that are none any place will do.
    constexpr std::size_t kFarthest = 64;
    constexpr std::size_t kLongestRest = 3;
    auto at = text.size();
    auto stop = text.size() > kFarthest ? text.size() - kFarthest : 0;
    while (at > stop && (at == text.size() || continues_character(text[at])))
        --at;
    // The first of a run may still be those of a character.
    if (at > 0 && at == stop && continues_character(text[at])) at += kLongestRest;
    if (at > 0 && at < text.size() && text[at] == '\n' && text[at - 1] == '\r') --at;
    return resume_ + at;
}

}  // namespace relux::match

#include "vm/match/matcher.h"

#include <algorithm>
#include <utility>

#include "vm/base/text.h"

namespace relux::match {

namespace {

/// What is pending (from the place where a match may begin to the end) is scanned anew at every call up to
/// this size: a few microseconds, and terminals deliver at most 4 KiB a read. Beyond it, only when it has
/// grown by a quarter, so that all scans together cost at most five times the last.
constexpr Position kShortPending = 16 * 1024;

bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

Matcher::Matcher(std::shared_ptr<const Pattern> pattern, Position base)
    : pattern_(std::move(pattern)), base_(base), resume_(base) {}

Position Matcher::view_begin() const {
    auto lookbehind = pattern_->maximum_lookbehind();
    if (lookbehind == Pattern::kUnlimited || resume_ - base_ <= lookbehind) return base_;
    return resume_ - lookbehind;
}

Position Matcher::needs_from() const {
    return view_begin();
}

Matcher::State Matcher::advance(const OutputBuffer& buffer, bool settled) {
    if (state_ == State::Matched || state_ == State::TooComplex) return state_;
    follow_drop(buffer);
    state_ = pattern_->is_regex() ? search_regex(buffer, settled || buffer.closed()) : search_literal(buffer);
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
    if (search(buffer, buffer.end(), false) == Pattern::Outcome::Match) return State::Matched;
    // The last bytes may be the beginning of the literal.
    resume_ = buffer.end() - (size - 1);
    return State::NeedMore;
}

Matcher::State Matcher::search_regex(const OutputBuffer& buffer, bool settled) {
    // A settled call scans too: without the scans that move resume_, many settled calls would be quadratic.
    if (buffer.end() != scanned_ && !buffer.closed()) {
        if (buffer.end() >= scan_again_) {
            state_ = scan(buffer);
        } else if (buffer.end() != settled_) {
            state_ = State::Tentative;
        }
    }
    if (!settled || state_ == State::Matched || state_ == State::TooComplex) return state_;
    return scan_settled(buffer);
}

/// Looks for a match that no later output can change.
Matcher::State Matcher::scan(const OutputBuffer& buffer) {
    scanned_ = buffer.end();
    auto tail = incomplete_utf8_tail(buffer.view(resume_, buffer.end()));
    auto end = buffer.end() - tail;
    auto outcome = search(buffer, end, true);
    if (outcome == Pattern::Outcome::TooComplex) return State::TooComplex;
    // PCRE2 sometimes takes the end for a certain end where there is nothing before it to look at: `\B` is a
    // full match in an empty subject, and after an invalid byte. So an empty match at the very end always
    // waits.
    bool empty_at_end = outcome == Pattern::Outcome::Match && found_.groups[0].begin == end;
    if (outcome == Pattern::Outcome::Match && !empty_at_end) return State::Matched;
    if (pattern_->resumable() && !empty_at_end) {
        // A partial match of nothing at the very end says no more than that all earlier attempts failed.
        auto begin = outcome == Pattern::Outcome::Partial ? view_begin() + spans_[0].begin : end;
        resume_ = begin < end ? begin : last_attempt(buffer.view(resume_, end));
    }
    auto pending = buffer.end() - resume_;
    scan_again_ = buffer.end() + (pending > kShortPending ? pending / 4 : 1);
    return outcome != Pattern::Outcome::NoMatch || tail > 0 ? State::Tentative : State::NeedMore;
}

/// Decides for the data as they are.
Matcher::State Matcher::scan_settled(const OutputBuffer& buffer) {
    if (settled_ == buffer.end() && settled_closed_ == buffer.closed()) return State::NeedMore;
    settled_ = buffer.end();
    settled_closed_ = buffer.closed();
    auto outcome = search(buffer, buffer.end(), false);
    if (outcome == Pattern::Outcome::Match) return State::Matched;
    return outcome == Pattern::Outcome::TooComplex ? State::TooComplex : State::NeedMore;
}

Pattern::Outcome Matcher::search(const OutputBuffer& buffer, Position end, bool more_may_come) {
    auto begin = view_begin();
    auto offset = static_cast<std::size_t>(resume_ - begin);
    auto outcome = pattern_->search(buffer.view(begin, end), offset, more_may_come, buffer.closed(), spans_);
    if (outcome != Pattern::Outcome::Match) return outcome;
    found_.groups.clear();
    for (const auto& span : spans_) {
        bool unset = span.begin == Span::npos;
        found_.groups.push_back(unset ? Found::Group{} : Found::Group{begin + span.begin, begin + span.end});
    }
    return outcome;
}

/// Where PCRE2 made its last attempt in `text`, which failed without a look past the end. Resuming there and
/// not at the end leaves it to PCRE2 how to go on from one attempt to the next: it goes over a `\n` after a
/// `\r`, and over bytes that can't begin a character.
Position Matcher::last_attempt(std::string_view text) const {
    // No character is longer than 4 bytes; in a long run of invalid ones any place will do.
    constexpr std::size_t kFarthest = 64;
    auto at = text.size();
    auto stop = text.size() > kFarthest ? text.size() - kFarthest : 0;
    while (at > stop && (at == text.size() || is_continuation(text[at])))
        --at;
    if (at > 0 && at < text.size() && text[at] == '\n' && text[at - 1] == '\r') --at;
    return resume_ + at;
}

}  // namespace relux::match

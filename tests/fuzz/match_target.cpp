// Language 5.6 for patterns and outputs that nobody thought of: what is found does not depend on how output
// was cut. And a duration that can be read is written in a form that reads back the same.
#include <algorithm>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"
#include "vm/base/assert.h"
#include "vm/base/duration.h"
#include "vm/base/text.h"
#include "vm/match/matcher.h"

namespace relux::fuzz {

namespace {

using match::Found;
using match::Matcher;
using match::OutputBuffer;
using match::Pattern;
using match::Position;

/// Stands in the buffer before the place where matching starts; nothing of it may be seen.
constexpr std::string_view kBefore = "foo\ra\xe2\x82";
constexpr std::size_t kLongestPattern = 256;
constexpr std::size_t kLongestOutput = 512;
constexpr std::size_t kMostPieces = 24;
/// Patterns that take longer for one search are left out: pieces would take it many times.
constexpr std::clock_t kSlow = CLOCKS_PER_SEC / 50;

std::string describe(const Found& found) {
    std::string text = "found";
    for (const auto& group : found.groups) {
        text += group.begin == Found::npos
                    ? " unset"
                    : " " + std::to_string(group.begin) + "-" + std::to_string(group.end);
    }
    return text;
}

/// `text` is a copy: PCRE2 10.42 reads the byte after the subject for a `\b` after an invalid byte there.
std::string search_whole(const Pattern& pattern, std::string text, bool closed) {
    std::vector<match::Span> spans;
    const auto outcome = pattern.search(text, 0, false, closed, spans);
    if (outcome == Pattern::Outcome::TooComplex) return "too complex";
    if (outcome == Pattern::Outcome::NoMatch) return "none";
    Found found;
    for (const auto& span : spans) {
        const bool unset = span.begin == match::Span::npos;
        RELUX_ASSERT(unset || (span.begin <= span.end && span.end <= text.size()),
                     "a match is in its subject");
        found.groups.push_back(unset ? Found::Group{}
                                     : Found::Group{kBefore.size() + span.begin, kBefore.size() + span.end});
    }
    return describe(found);
}

/// Output that arrives piece by piece at a matcher.
class Delivery {
  public:
    explicit Delivery(std::shared_ptr<const Pattern> pattern)
        : buffer_(1 << 20), matcher_(std::move(pattern), kBefore.size()) {
        buffer_.append(kBefore);
        buffer_.consume(kBefore.size());
    }

    void arrive(std::string_view piece) {
        buffer_.append(piece);
        look(false);
    }
    void settle() { look(true); }
    void close() {
        buffer_.close();
        look(false);
    }
    bool decided() const { return state_ == Matcher::State::Matched || too_complex(); }
    bool too_complex() const { return state_ == Matcher::State::TooComplex; }
    std::string result() const {
        if (too_complex()) return "too complex";
        return state_ == Matcher::State::Matched ? describe(matcher_.found()) : "none";
    }

  private:
    void look(bool settled) {
        if (decided()) return;
        state_ = matcher_.advance(buffer_, settled);
        RELUX_ASSERT(matcher_.needs_from() >= matcher_.base(), "nothing before its base is looked at");
        RELUX_ASSERT(matcher_.needs_from() <= buffer_.end(), "what is needed has arrived or is next");
        // Output that the matcher does not need may go at any time.
        buffer_.release(std::max(buffer_.begin(), matcher_.needs_from()));
    }
    OutputBuffer buffer_;
    Matcher matcher_;
    Matcher::State state_ = Matcher::State::NeedMore;
};

void check_same(const std::string& found, const std::string& expected, const char* when) {
    if (found == expected || found == "too complex" || expected == "too complex") return;
    const std::string reason = std::string(when) + ": " + found + ", the whole gives " + expected;
    RELUX_ASSERT(found == expected, reason.c_str());
}

/// Where pieces end, an empty one first, made from a byte: equal pieces for small ones, else of lengths as a
/// generator gives them.
std::vector<std::size_t> cuts_of(unsigned char seed, std::size_t size) {
    std::vector<std::size_t> cuts{0};
    const std::size_t least = size / kMostPieces + 1;
    std::uint32_t state = seed;
    for (std::size_t at = 0; at < size;) {
        state = state * 1664525U + 1013904223U;
        const std::size_t piece = seed < 32 ? seed + 1U : 1 + (state >> 16) % 9;
        at = std::min(size, at + std::max(least, piece));
        cuts.push_back(at);
    }
    return cuts;
}

struct Case {
    std::shared_ptr<const Pattern> pattern;
    std::string_view output;
    std::vector<std::size_t> cuts;
    std::string at_once;  ///< in one piece, before any quiet
    std::string settled;
    std::string closed;
};

/// All pieces, then quiet, then the end: at each the result is that of the whole.
void check_pieces(const Case& expected) {
    Delivery delivery(expected.pattern);
    std::size_t arrived = 0;
    for (auto cut : expected.cuts) {
        delivery.arrive(expected.output.substr(arrived, cut - arrived));
        arrived = cut;
    }
    check_same(delivery.result(), expected.at_once, "in pieces");
    if (delivery.decided()) return;
    delivery.settle();
    check_same(delivery.result(), expected.settled, "in pieces, then quiet");
    if (delivery.decided()) return;
    delivery.close();
    check_same(delivery.result(), expected.closed, "in pieces, quiet, closed");
}

/// All pieces, then the end at once.
void check_closed(const Case& expected) {
    Delivery delivery(expected.pattern);
    std::size_t arrived = 0;
    for (auto cut : expected.cuts) {
        delivery.arrive(expected.output.substr(arrived, cut - arrived));
        arrived = cut;
    }
    delivery.close();
    check_same(delivery.result(), expected.closed, "in pieces, closed");
}

/// Quiet after every piece: each decides for the output so far.
void check_quiet(const Case& expected) {
    Delivery delivery(expected.pattern);
    std::size_t arrived = 0;
    for (auto cut : expected.cuts) {
        delivery.arrive(expected.output.substr(arrived, cut - arrived));
        delivery.settle();
        arrived = cut;
        const std::string whole =
            search_whole(*expected.pattern, std::string(expected.output.substr(0, cut)), false);
        check_same(delivery.result(), whole, "with quiet between");
        if (delivery.decided()) return;
    }
}

void check_pattern(std::shared_ptr<const Pattern> pattern, unsigned char seed, std::string_view output) {
    Case expected{pattern, output, cuts_of(seed, output.size()), {}, {}, {}};
    const std::clock_t began = std::clock();
    expected.settled = search_whole(*pattern, std::string(output), false);
    expected.closed = search_whole(*pattern, std::string(output), true);
    Delivery delivery(pattern);
    delivery.arrive(output);
    expected.at_once = delivery.result();
    if (expected.at_once != "none") {
        check_same(expected.at_once, expected.settled, "what counts at once counts when quiet");
        check_same(expected.at_once, expected.closed, "what counts at once counts at the end");
    }
    if (std::clock() - began > kSlow) return;
    check_pieces(expected);
    check_closed(expected);
    check_quiet(expected);
}

void match_regex(unsigned char seed, std::string_view text, std::string_view output) {
    auto pattern = Pattern::regex(text);
    const auto checked = match::check_regex(text);
    RELUX_ASSERT(bool(checked) == bool(pattern), "the compiler and the machine agree on a regex");
    if (!pattern) {
        RELUX_ASSERT(!pattern.error().message.empty(), "a wrong regex has a reason");
        RELUX_ASSERT(pattern.error().code >= 0 && pattern.error().code <= static_cast<int>(text.size()),
                     "the place of the fault is in the regex");
        return;
    }
    check_pattern(*pattern, seed, output);
}

void check_duration(std::string_view text, bool allow_spaces) {
    const auto duration = parse_duration(text, allow_spaces);
    if (!duration) {
        RELUX_ASSERT(!duration.error().message.empty(), "a wrong duration has a reason");
        return;
    }
    RELUX_ASSERT(duration->count() > 0, "a duration is longer than zero");
    const std::string written = format_duration(*duration);
    const auto again = parse_duration(written, false);
    RELUX_ASSERT(again && *again == *duration, "a duration written reads back the same");
    RELUX_ASSERT(format_duration(*again) == written, "there is one way to write a duration");
    RELUX_ASSERT(!format_elapsed(*duration).empty(), "a duration can be shown");
    RELUX_ASSERT(allow_spaces || text.find(' ') == std::string_view::npos,
                 "no spaces where none are allowed");
    if (!allow_spaces) {
        const auto relaxed = parse_duration(text, true);
        RELUX_ASSERT(relaxed && *relaxed == *duration, "spaces may be left out");
    }
}

}  // namespace

void match(std::string_view input) {
    if (input.empty()) return;
    const char kind = input.front();
    input.remove_prefix(1);
    if (kind == 'd') {
        check_duration(input, false);
        check_duration(input, true);
        return;
    }
    if ((kind != 'r' && kind != 'l') || input.empty()) return;
    const auto seed = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    const auto end = std::min(input.find('\n'), input.size());
    const auto text = input.substr(0, end);
    const auto output = input.substr(std::min(input.size(), end + 1));
    if (text.size() > kLongestPattern || output.size() > kLongestOutput) return;
    if (kind == 'r') {
        match_regex(seed, text, output);
    } else {
        check_pattern(Pattern::literal(text), seed, output);
    }
}

}  // namespace relux::fuzz

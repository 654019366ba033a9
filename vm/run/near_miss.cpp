// A pattern misses because of one thing, or of two. Each thing that people run into is a change of the output
// or of the pattern; whatever matches after a change is what was in the way. Changes that say more come
// first.
#include "vm/run/near_miss.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utf8proc.h>
#include <utility>

#include "vm/base/text.h"
#include "vm/run/near_miss_pattern.h"
#include "vm/run/near_miss_text.h"

namespace relux::run {

namespace {

/// A failure must not take long to explain, so of a large buffer the last part is searched; a smaller one
/// where each change is combined with each other.
constexpr std::size_t kSearched = 256 * 1024;
constexpr std::size_t kSearchedForPairs = 16 * 1024;
/// A pattern of fewer letters and digits occurs everywhere.
constexpr std::size_t kTellingSize = 3;
/// A line that is called the closest has so many letters and digits of the pattern.
constexpr std::size_t kClosestSize = 4;
constexpr std::size_t kMostCuts = 200;

std::string_view last_part(std::string_view text, std::size_t most = kSearched) {
    return text.substr(text.size() - std::min(text.size(), most));
}

std::optional<match::Span> find_from(const match::Pattern& pattern, std::string_view text, std::size_t from) {
    std::vector<match::Span> spans;
    const auto outcome = pattern.search(text, from, false, false, spans, match::Pattern::Effort::Short);
    if (outcome != match::Pattern::Outcome::Match) return std::nullopt;
    return spans[0];
}

struct Line {
    std::size_t begin;
    std::size_t end;
    std::string_view text;
};

/// The lines that reach from one place to another; a line end itself belongs to the line before it.
Line lines_around(std::string_view text, std::size_t from, std::size_t to) {
    const auto before = from == 0 ? std::string_view::npos : text.find_last_of('\n', from - 1);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    const auto behind = text.find_first_of("\r\n", std::max(to, begin));
    const auto end = std::max(begin, behind == std::string_view::npos ? text.size() : behind);
    return {begin, end, text.substr(begin, end - begin)};
}

std::string quote(std::string_view line) {
    constexpr std::size_t kLongest = 120;
    auto shown = line.substr(0, kLongest);
    if (shown.size() < line.size()) shown.remove_suffix(incomplete_utf8_tail(shown));
    return "`" + visible(shown, false) + (shown.size() < line.size() ? "..." : "") + "`";
}

/// `U+0301`; of valid UTF-8.
std::string code_point_name(std::string_view character) {
    utf8proc_int32_t code = 0;
    utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(character.data()),
                     static_cast<utf8proc_ssize_t>(character.size()), &code);
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "U+%04X", static_cast<unsigned>(code));
    return text.data();
}

/// One thing that can be in the way.
struct Change {
    std::string_view what;  ///< behind "it would match but for "
    ChangedText (*text)(std::string_view) = nullptr;
    std::optional<std::string> (*regex)(std::string_view) = nullptr;
};

std::optional<std::string> without_case(std::string_view regex) {
    return "(?i)" + std::string(regex);
}

/// Changes a pattern that is not in normal form C; any other stays, and the text alone is composed.
std::optional<std::string> composed_regex(std::string_view regex) {
    return composed(regex).text();
}

constexpr std::array kChanges = {
    Change{"escape sequences", &without_escape_sequences},
    Change{"a NUL byte", &without_nul_bytes},
    Change{"backspaces", &without_backspaces},
    Change{"a carriage return that draws the line again", &without_redrawn_lines},
    Change{"carriage returns, since a terminal ends lines with `\\r\\n` (`\\R` in a pattern)",
           &without_carriage_returns},
    Change{"a no-break space", &with_spaces_for_no_break_spaces},
    Change{"Unicode normalisation", &composed, &composed_regex},
    Change{"a tab", &with_spaces_for_tabs},
    Change{"white space at the end of the line", nullptr, &with_spaces_before_line_end},
    Change{"white space at the beginning of the line", nullptr, &with_spaces_after_line_begin},
    Change{"white space at the end of the pattern", nullptr, &without_spaces_at_end},
    Change{"the number of spaces", nullptr, &with_any_spaces},
    Change{"spaces where the pattern has a tab", nullptr, &with_spaces_for_tabs_in_regex},
    Change{"upper and lower case", nullptr, &without_case},
    Change{"a line break", &with_spaces_for_line_breaks},
    Change{"a line break", &without_line_breaks},
};

class NearMisses {
  public:
    NearMisses(std::string_view pattern, bool is_regex, const HeldOutput& own)
        : own_(own),
          written_(pattern),
          is_regex_(is_regex),
          regex_(is_regex ? std::string(pattern) : quoted_regex(pattern)),
          is_telling_(literal_size(regex_) >= kTellingSize) {
        const auto compiled = match::Pattern::regex(regex_);
        if (compiled) pattern_ = *compiled;
    }

    std::vector<std::string> find_all(const std::vector<HeldOutput>& others) {
        if (!pattern_) return {};
        const bool explained = one_change() || anchors() || other_syntax() || two_changes();
        const bool was_there = consumed();
        bool elsewhere = false;
        for (const auto& other : others)
            elsewhere = elsewhere || other_shell(other);
        if (!explained && !was_there && !elsewhere && !echo()) closest_line();
        return std::move(sentences_);
    }

  private:
    /// A hit, and the lines of the output that have it.
    struct Hit {
        match::Span span;
        Line line;
        std::string_view changed;  ///< what has matched
    };

    void say(std::string sentence) { sentences_.push_back(std::move(sentence)); }

    /// True where the line that was sent stands at the end of this one, as a terminal echoes it.
    bool is_echo(std::string_view line) const {
        return !own_.last_sent.empty() && line.ends_with(own_.last_sent);
    }

    /// The first hit that is not only the echo of the command.
    std::optional<Hit> find(const std::string& regex, const ChangedText& text,
                            std::string_view original) const {
        const auto pattern = match::Pattern::regex(regex);
        if (!pattern) return std::nullopt;
        for (std::size_t from = 0; from <= text.text().size();) {
            const auto span = find_from(**pattern, text.text(), from);
            if (!span) return std::nullopt;
            const auto line = lines_around(original, text.origin(span->begin), text.origin(span->end));
            const auto changed = std::string_view(text.text()).substr(span->begin, span->end - span->begin);
            if (!is_echo(line.text) && !changed.empty()) return Hit{*span, line, changed};
            from = std::max(span->end, span->begin + 1);
        }
        return std::nullopt;
    }

    // Changes

    bool one_change() {
        const auto original = last_part(own_.unread());
        const ChangedText plain(original);
        for (const auto& change : kChanges) {
            if (!may_apply(change)) continue;
            const auto regex = change.regex == nullptr ? std::optional(regex_) : change.regex(regex_);
            if (!regex) continue;
            const auto text = change.text == nullptr ? plain : change.text(original);
            const auto hit = find(*regex, text, original);
            if (!hit || is_unchanged(change, *hit)) continue;
            say("it would match but for " + told(change, *hit) + ": " + quote(hit->line.text));
            return true;
        }
        return false;
    }

    bool two_changes() {
        if (!is_telling_) return false;
        const auto original = last_part(own_.unread(), kSearchedForPairs);
        for (const auto& first : kChanges) {
            if (first.text == nullptr) continue;
            const auto base = first.text(original);
            if (base.text() == original) continue;
            for (const auto& second : kChanges) {
                if (&second == &first || (second.text != nullptr && &second < &first)) continue;
                if (const auto hit = find_with(first, second, base, original)) {
                    say("it would match but for " + told(first, *hit) + " and " + told(second, *hit) + ": " +
                        quote(hit->line.text));
                    return true;
                }
            }
        }
        return false;
    }

    std::optional<Hit> find_with(const Change& first, const Change& second, const ChangedText& base,
                                 std::string_view original) const {
        auto regex = first.regex == nullptr ? std::optional(regex_) : first.regex(regex_);
        if (regex && second.regex != nullptr) regex = second.regex(*regex);
        if (!regex) return std::nullopt;
        if (second.text == nullptr) return find(*regex, base, original);
        auto text = second.text(base.text());
        if (text.text() == base.text()) return std::nullopt;
        text.rebase(base);
        return find(*regex, text, original);
    }

    /// A pattern of one letter is found somewhere after any change that does not keep its anchors.
    bool may_apply(const Change& change) const {
        const bool keeps_anchors =
            change.text != &with_spaces_for_line_breaks && change.text != &without_line_breaks;
        const bool is_whole_line =
            has_begin_anchor(regex_) && has_end_anchor(regex_) && literal_size(regex_) > 0;
        return is_telling_ || (keeps_anchors && is_whole_line);
    }

    /// The lines that have it are as they were, so that the hit is owed to something else.
    static bool is_unchanged(const Change& change, const Hit& hit) {
        const bool breaks =
            change.text == &with_spaces_for_line_breaks || change.text == &without_line_breaks;
        return breaks && hit.line.text.find('\n') == std::string_view::npos;
    }

    static std::string told(const Change& change, const Hit& hit) {
        std::string text(change.what);
        if (change.text != &composed) return text;
        const auto whole = composed(hit.line.text);
        for (std::size_t at = 0; at < whole.text().size();) {
            const auto letter = first_character(std::string_view(whole.text()).substr(at));
            const auto from = whole.origin(at);
            const auto parts = hit.line.text.substr(from, whole.origin(at + letter.size()) - from);
            if (letter != parts)
                return text + ": " + parts_text(parts) + " instead of `" + std::string(letter) + "`";
            at += letter.size();
        }
        return text + ": the pattern has a letter and a mark where the output has one character";
    }

    static std::string_view first_character(std::string_view text) {
        return text.substr(0, std::max<std::size_t>(utf8_character_size(text), 1));
    }

    /// `e` and U+0301
    static std::string parts_text(std::string_view parts) {
        const auto letter = first_character(parts);
        std::string text = "`" + std::string(letter) + "`";
        for (auto rest = parts.substr(letter.size()); !rest.empty();) {
            const auto mark = first_character(rest);
            text += " and " + code_point_name(mark);
            rest.remove_prefix(mark.size());
        }
        return text;
    }

    // Syntax

    /// On the output as it is, and as a terminal shows it.
    bool anchors() {
        if (!is_regex_) return false;
        const auto original = last_part(own_.unread());
        if (anchors_in(ChangedText(original), original, "")) return true;
        const auto visible_text = without_escape_sequences(original);
        return visible_text.text() != original &&
               anchors_in(visible_text, original, "; there are escape sequences in it, too");
    }

    bool anchors_in(const ChangedText& text, std::string_view original, std::string_view end) {
        return open_line(text, original, end) || behind_something(text, original, end) ||
               before_something(text, original, end);
    }

    /// `$` stands before a line end; what ends an unfinished line can still go on.
    bool open_line(const ChangedText& text, std::string_view original, std::string_view end) {
        if (!has_end_anchor(regex_) || original.empty() || original.back() == '\n') return false;
        const auto hit = find(without_end_anchor(regex_) + "\\z", text, original);
        if (!hit) return false;
        say("it would match without `$`: `$` stands before a line end that has come, and the output ends "
            "here without "
            "one; leave it out, or write `\\z`: " +
            quote(hit->line.text) + std::string(end));
        return true;
    }

    bool behind_something(const ChangedText& text, std::string_view original, std::string_view end) {
        if (!has_begin_anchor(regex_) || literal_size(regex_) == 0) return false;
        if (!is_telling_ && !has_end_anchor(regex_)) return false;
        const auto hit = find(without_begin_anchor(regex_), text, original);
        if (!hit || hit->span.begin == 0 || text.text()[hit->span.begin - 1] == '\n') return false;
        std::string sentence = "the line " + quote(hit->line.text) + " has it, but not at its beginning: `^`";
        const auto before = std::string_view(text.text()).substr(0, hit->span.begin);
        if (!own_.prompt.empty() && before.ends_with(own_.prompt)) {
            sentence +=
                "; the prompt is before it: it was printed, or the line was typed, before the command before "
                "it "
                "had ended; wait for that with match_ok()";
        }
        say(sentence + std::string(end));
        return true;
    }

    bool before_something(const ChangedText& text, std::string_view original, std::string_view end) {
        if (!has_end_anchor(regex_) || !is_telling_) return false;
        const auto hit = find(without_end_anchor(regex_), text, original);
        if (!hit || hit->span.end >= text.text().size()) return false;
        const char next = text.text()[hit->span.end];
        if (next == '\r' || next == '\n') return false;
        // White space alone is told as such.
        const auto behind = lines_around(text.text(), hit->span.end, hit->span.end);
        const auto rest = std::string_view(text.text()).substr(hit->span.end, behind.end - hit->span.end);
        if (rest.find_first_not_of(" \t") == std::string_view::npos) return false;
        say("the line " + quote(hit->line.text) + " has it, but goes on behind it: `$`" + std::string(end));
        return true;
    }

    bool other_syntax() {
        const auto original = last_part(own_.unread());
        const auto text = without_escape_sequences(original);
        if (!is_regex_) {
            if (special_characters(written_).empty()) return false;
            const auto hit = find(std::string(written_), text, original);
            if (!hit) return false;
            say("it would match as a regular expression: in `<=` " + list_of(special_characters(written_)) +
                " stand for themselves; write `<?`: " + quote(hit->line.text));
            return true;
        }
        const auto literal = taken_literally(regex_);
        const auto hit = literal ? find(*literal, text, original) : std::nullopt;
        if (!hit) return false;
        auto inner = without_end_anchor(without_begin_anchor(regex_));
        say("it would match if " + list_of(special_characters(inner)) + " stood for themselves: write `" +
            visible(*literal, false) + "`, or use `<=`: " + quote(hit->line.text));
        return true;
    }

    static std::string list_of(std::string_view characters) {
        std::string text;
        for (std::size_t i = 0; i < characters.size(); ++i) {
            if (i > 0) text += i + 1 == characters.size() ? " and " : ", ";
            text += "`" + std::string(characters.substr(i, 1)) + "`";
        }
        return text;
    }

    // Places

    bool consumed() {
        const auto first = own_.cursor - std::min(own_.cursor, kSearched);
        // An occurrence may end at the line end that is still unread.
        const auto text = own_.text.substr(first);
        const auto cursor = own_.cursor - first;
        // The last occurrence is the one that was meant; better one that is not only typed.
        std::optional<match::Span> last;
        bool is_typed = true;
        for (std::size_t from = 0; from < cursor;) {
            const auto span = find_from(*pattern_, text, from);
            if (!span || span->begin >= cursor) break;
            const bool typed = is_echo(lines_around(text, span->begin, span->end).text);
            if (!typed || is_typed) last = span;
            is_typed = is_typed && typed;
            from = std::max(span->end, span->begin + 1);
        }
        if (!last || last->begin == last->end) return false;
        const auto line = lines_around(text, last->begin, last->end).text;
        std::string sentence = is_echo(line) ? "it stands only in the echo of the command, already consumed: "
                               : last->end <= cursor ? "it stands before the cursor, already consumed: "
                                                     : "the beginning of it is already consumed: ";
        sentence += quote(line);
        sentence += consumer_of(own_.begin + first + last->begin);
        say(std::move(sentence));
        return true;
    }

    /// Names the statement that has moved the cursor over that place.
    std::string consumer_of(match::Position position) const {
        if (own_.consumptions == nullptr) return {};
        for (const auto& consumption : *own_.consumptions) {
            if (consumption.end <= position) continue;
            if (consumption.file == nullptr) return {};
            return ", by the statement at " + *consumption.file + ":" + std::to_string(consumption.line);
        }
        return {};
    }

    bool echo() {
        if (own_.last_sent.empty() || !is_telling_) return false;
        const auto text = last_part(own_.unread());
        if (text.find(own_.last_sent) == std::string_view::npos) return false;
        const auto pattern = match::Pattern::regex(without_end_anchor(without_begin_anchor(regex_)));
        if (!pattern || !find_from(**pattern, own_.last_sent, 0)) return false;
        say("it stands only in the echo of the command: " + quote(own_.last_sent));
        return true;
    }

    bool other_shell(const HeldOutput& other) {
        if (!is_telling_) return false;
        const auto text = last_part(other.text, 2 * kSearched);
        for (std::size_t from = 0; from < text.size();) {
            const auto span = find_from(*pattern_, text, from);
            if (!span) return false;
            const auto line = lines_around(text, span->begin, span->end).text;
            // A line that is typed there too says nothing about its output.
            const bool typed = (!other.last_sent.empty() && line.ends_with(other.last_sent)) ||
                               (!other.prompt.empty() && line.starts_with(other.prompt));
            if (!typed && span->begin < span->end) {
                say("it stands in the output of shell '" + other.shell + "'" +
                    (other.started.empty() ? "" : " (started at " + other.started + ")") + ": " +
                    quote(line));
                return true;
            }
            from = std::max(span->end, span->begin + 1);
        }
        return false;
    }

    /// The line that the longest beginning of the pattern matches, and where it differs from it.
    void closest_line() {
        const auto original = last_part(own_.unread(), kSearchedForPairs);
        const auto text = without_escape_sequences(original);
        std::size_t tried = 0;
        for (const auto cut : cuts(regex_)) {
            const auto beginning = regex_.substr(0, cut);
            if (literal_size(beginning) < kClosestSize || ++tried > kMostCuts) return;
            const auto hit = find(beginning, text, original);
            if (!hit) continue;
            const auto line = lines_around(text.text(), hit->span.begin, hit->span.end);
            const auto rest = line.text.substr(std::min(hit->span.end - line.begin, line.text.size()));
            say("the closest line is " + quote(line.text) + ": " +
                (rest.empty() ? "it ends where" : "it has " + quote(rest) + " where") + " the pattern has " +
                quote(regex_.substr(cut)));
            return;
        }
    }

    const HeldOutput& own_;
    std::string_view written_;
    bool is_regex_;
    std::string regex_;
    bool is_telling_;
    std::shared_ptr<const match::Pattern> pattern_;
    std::vector<std::string> sentences_;
};

}  // namespace

std::vector<std::string> near_misses(std::string_view pattern, bool is_regex, const HeldOutput& own,
                                     const std::vector<HeldOutput>& others) {
    NearMisses search(pattern, is_regex, own);
    return search.find_all(others);
}

}  // namespace relux::run

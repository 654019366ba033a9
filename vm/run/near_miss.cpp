#include "vm/run/near_miss.h"

#include <algorithm>
#include <optional>

#include "vm/base/text.h"

namespace relux::run {

namespace {

/// A failure must not take long to explain: only the last part of a large buffer is searched.
constexpr std::size_t kSearched = 1 << 20;

std::string_view last_part(std::string_view text) {
    return text.substr(text.size() - std::min(text.size(), kSearched));
}

std::optional<match::Span> find(const match::Pattern& pattern, std::string_view text) {
    std::vector<match::Span> spans;
    const auto outcome = pattern.search(text, 0, false, false, spans, match::Pattern::Effort::Short);
    if (outcome != match::Pattern::Outcome::Match) return std::nullopt;
    return spans[0];
}

/// A variant that cannot be compiled is no near miss.
std::optional<match::Span> find_regex(const std::string& regex, std::string_view text) {
    const auto pattern = match::Pattern::regex(regex);
    if (!pattern) return std::nullopt;
    return find(**pattern, text);
}

std::string_view line_around(std::string_view text, std::size_t at) {
    const auto before = at == 0 ? std::string_view::npos : text.find_last_of("\r\n", at - 1);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    return text.substr(begin, text.find_first_of("\r\n", at) - begin);
}

std::string quote(std::string_view line) {
    constexpr std::size_t kLongest = 120;
    return "`" + visible(line.substr(0, kLongest), false) + (line.size() > kLongest ? "..." : "") + "`";
}

std::string quoted_regex(std::string_view literal) {
    std::string regex;
    for (const char c : literal) {
        if (std::string_view("\\^$.|?*+()[]{}-#").find(c) != std::string_view::npos) regex += '\\';
        regex += c;
    }
    return regex;
}

std::string without_anchors(std::string regex) {
    if (regex.starts_with('^')) regex.erase(0, 1);
    if (regex.ends_with('$') && !regex.ends_with("\\$")) regex.pop_back();
    return regex;
}

class NearMisses {
  public:
    NearMisses(std::string_view pattern, bool is_regex, const HeldOutput& own) : own_(own) {
        regex_ = is_regex ? std::string(pattern) : quoted_regex(pattern);
        const auto compiled = match::Pattern::regex(regex_);
        if (compiled) pattern_ = *compiled;
    }

    std::vector<std::string> find_all(const std::vector<HeldOutput>& others) {
        if (!pattern_) return {};
        consumed();
        echo();
        case_or_space();
        for (const auto& other : others) {
            if (other_shell(other)) break;
        }
        return std::move(sentences_);
    }

  private:
    void consumed() {
        const auto text = last_part(own_.consumed);
        // The last occurrence is the one that was meant.
        std::optional<match::Span> last;
        for (std::size_t from = 0; from < text.size();) {
            std::vector<match::Span> spans;
            const auto outcome =
                pattern_->search(text, from, false, false, spans, match::Pattern::Effort::Short);
            if (outcome != match::Pattern::Outcome::Match) break;
            last = spans[0];
            from = std::max(spans[0].end, spans[0].begin + 1);
        }
        if (!last) return;
        const bool typed =
            !own_.last_sent.empty() && line_around(text, last->begin).ends_with(own_.last_sent);
        std::string sentence = typed ? "it stands only in the echo of the command, already consumed: "
                                     : "it stands before the cursor, already consumed: ";
        sentence += quote(line_around(text, last->begin));
        const auto position = own_.consumed_begin + (own_.consumed.size() - text.size()) + last->end;
        if (own_.consumptions != nullptr) {
            for (const auto& consumption : *own_.consumptions) {
                if (consumption.end < position) continue;
                if (consumption.file != nullptr) {
                    sentence +=
                        ", by the statement at " + *consumption.file + ":" + std::to_string(consumption.line);
                }
                break;
            }
        }
        sentences_.push_back(std::move(sentence));
    }

    void echo() {
        if (own_.last_sent.empty()) return;
        const auto text = last_part(own_.unread);
        if (find_regex(without_anchors(regex_), own_.last_sent) &&
            text.find(own_.last_sent) != std::string_view::npos) {
            const auto elsewhere = find_regex(without_anchors(regex_), after_echo(text));
            if (!elsewhere)
                sentences_.push_back("it stands only in the echo of the command: " + quote(own_.last_sent));
        }
    }

    std::string_view after_echo(std::string_view text) const {
        const auto at = text.rfind(own_.last_sent);
        return text.substr(at + own_.last_sent.size());
    }

    void case_or_space() {
        const auto text = last_part(own_.unread);
        if (const auto hit = find_regex("(?i)" + regex_, text)) {
            sentences_.push_back("it would match but for upper and lower case: " +
                                 quote(line_around(text, hit->begin)));
            return;
        }
        if (regex_.ends_with('$') && !regex_.ends_with("\\$")) {
            const auto relaxed = regex_.substr(0, regex_.size() - 1) + "[ \\t]+$";
            if (const auto hit = find_regex(relaxed, text)) {
                sentences_.push_back("it would match but for white space at the end of the line: " +
                                     quote(line_around(text, hit->begin)));
            }
        }
        const auto end = regex_.find_last_not_of(" \t");
        if (end != std::string::npos && end + 1 < regex_.size()) {
            if (const auto hit = find_regex(regex_.substr(0, end + 1), text)) {
                sentences_.push_back("it would match but for white space at the end of the pattern: " +
                                     quote(line_around(text, hit->begin)));
            }
        }
    }

    bool other_shell(const HeldOutput& other) {
        for (const auto text : {last_part(other.unread), last_part(other.consumed)}) {
            if (const auto hit = find(*pattern_, text)) {
                sentences_.push_back("it stands in the output of shell '" + std::string(other.shell) +
                                     "': " + quote(line_around(text, hit->begin)));
                return true;
            }
        }
        return false;
    }

    const HeldOutput& own_;
    std::string regex_;
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

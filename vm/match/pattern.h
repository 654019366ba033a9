// Compiled patterns. The only place, with pattern.cpp, that knows PCRE2. Options are those of language 5.5:
// multi-line, newline ANYCRLF, UTF, UCP; JIT for complete and hard partial
// matching.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vm/base/result.h"

namespace relux::match {

/// Half-open range of byte offsets. `npos` begin: the group did not take part.
struct Span {
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    std::size_t begin = npos;
    std::size_t end = npos;
};

/// A literal or a regular expression, immutable once made, usable by one thread at a time for searching
/// (each thread has a PatternCache of its own).
///
/// A search ends after a number of counted steps that depends on the pattern and the bytes alone, whatever
/// the pattern: about a second of work on a fast machine, more for many megabytes.
class Pattern {
  public:
    static std::shared_ptr<const Pattern> literal(std::string_view text);
    /// The error is "PCRE2's message at offset N", `code` is the offset in bytes.
    static Result<std::shared_ptr<const Pattern>> regex(std::string_view text);
    ~Pattern();

    const std::string& text() const { return text_; }
    bool is_regex() const { return regex_ != nullptr; }
    /// Bytes before a start offset that a look-behind, `^` or `\b` may need; 0 for a literal, kUnlimited
    /// where PCRE2's figure is no bound: `\X` (which counts regional indicators backwards) and subroutine
    /// calls inside look-behinds.
    std::size_t maximum_lookbehind() const { return maximum_lookbehind_; }
    static constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);
    /// False when a search must start at the very beginning each time, because the result depends on where
    /// the search started: `\G`, `(*COMMIT)`, `(*SKIP)`, `(*NOTEMPTY_ATSTART)`.
    bool resumable() const { return resumable_; }

    enum class Outcome : std::uint8_t {
        NoMatch,     ///< none, and none can begin before the end of the data
        Match,       ///< final: nothing past the end of the data was looked at
        Partial,     ///< a match may begin at spans[0].begin; none begins before it
        Unfinished,  ///< more steps than Effort::Short has; another search with Effort::Whole will tell
        TooComplex,  ///< a limit of the matcher was reached
    };
    /// How many steps a search may take. Short: some milliseconds' worth on a fast machine, for whoever has
    /// other things to attend to. What it answers, except for Unfinished, is what Whole answers.
    enum class Effort : std::uint8_t { Short, Whole };
    /// Searches `subject` from `offset`. `more_may_come`: hard partial matching; otherwise the data end
    /// counts as the end of the text, where `$` matches only if `closed`. Fills `spans` (group 0 first) for
    /// Match; for Partial only spans[0].begin. A literal is searched for in the bytes as they are, and is
    /// never Partial. To a regular expression a byte that is not part of UTF-8 is the character of its
    /// number.
    Outcome search(std::string_view subject, std::size_t offset, bool more_may_come, bool closed,
                   std::vector<Span>& spans, Effort effort = Effort::Whole) const;

    struct Regex;  ///< everything of PCRE2; for the implementation

  private:
    Pattern();
    /// search() for a regular expression and UTF-8.
    Outcome search_valid(std::string_view subject, std::size_t offset, bool more_may_come, bool closed,
                         std::vector<Span>& spans, Effort effort) const;
    Outcome search_literal(std::string_view subject, std::size_t offset, std::vector<Span>& spans) const;

    std::string text_;
    std::unique_ptr<Regex> regex_;  ///< null for a literal
    std::size_t maximum_lookbehind_ = 0;
    bool resumable_ = true;
};

/// Patterns by text, least recently used thrown away beyond a bound. shared_ptr: the cache and whoever is
/// matching both own a pattern, since an interpolated one may be evicted while a match waits on it.
class PatternCache {
  public:
    static constexpr std::size_t kDefaultCapacity = 4096;
    explicit PatternCache(std::size_t capacity = kDefaultCapacity) : capacity_(capacity) {}
    Result<std::shared_ptr<const Pattern>> regex(std::string_view text);
    /// How often a pattern was compiled because it was not there.
    std::size_t compiled() const { return compiled_; }

  private:
    using Patterns = std::list<std::shared_ptr<const Pattern>>;
    std::size_t capacity_;
    std::size_t compiled_ = 0;
    Patterns recent_;  ///< most recently used first
    /// The keys are views of the texts that the patterns in recent_ own.
    std::unordered_map<std::string_view, Patterns::iterator> by_text_;
};

/// For the compiler: nothing when it compiles, else PCRE2's message with `code` the offset.
Status check_regex(std::string_view text);

}  // namespace relux::match

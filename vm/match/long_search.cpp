#include "vm/match/long_search.h"

#include "vm/base/assert.h"

namespace relux::match {

LongSearch::LongSearch(const Pattern& pattern, std::string_view subject, std::size_t offset,
                       bool more_may_come, bool closed)
    : pattern_(pattern.text()),
      subject_(subject),
      offset_(offset),
      more_may_come_(more_may_come),
      closed_(closed) {
    RELUX_ASSERT(pattern.is_regex(), "no search for a literal is long");
}

// With a pattern of its own: the one that it is made for may be in use by the thread that it comes from.
void LongSearch::run() {
    const auto pattern = Pattern::regex(pattern_);
    RELUX_ASSERT(pattern, "a pattern that has been compiled compiles again");
    outcome_ = (*pattern)->search(subject_, offset_, more_may_come_, closed_, spans_);
}

}  // namespace relux::match

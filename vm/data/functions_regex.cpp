// Functions on regular expressions: PCRE2 with the options that patterns have everywhere (`^` and `$` at
// lines).
#include <vector>

#include "vm/base/input_limits.h"
#include "vm/data/call.h"

namespace relux::data {

namespace {

using match::Pattern;
using match::Span;

Pattern::Outcome search_in(Context& context, const Pattern& pattern, std::string_view text,
                           std::vector<Span>& spans) {
    for (const auto& made : context.made_searches) {
        if (!made->is_for(pattern.text(), text)) continue;
        spans = made->spans();
        return made->outcome();
    }
    using Effort = Pattern::Effort;
    const auto effort = context.leaves_long_searches ? Effort::Short : Effort::Whole;
    const auto outcome = pattern.search(text, 0, false, true, spans, effort);
    if (outcome == Pattern::Outcome::Unfinished)
        context.left_search = std::make_shared<match::LongSearch>(pattern, text, 0, false, true);
    return outcome;
}

/// Where the pattern of argument 2 is in the text of argument 1; nothing when it is not there.
Result<std::vector<Span>> search(Call& call) {
    auto text = call.text(0);
    auto pattern = call.context().patterns.regex(call.text(1));
    if (!pattern) return call.failure("the pattern is wrong: " + pattern.error().message);
    std::vector<Span> spans;
    switch (search_in(call.context(), **pattern, text, spans)) {
        case Pattern::Outcome::Match:
            return spans;
        case Pattern::Outcome::Unfinished:
            return call.failure("the search goes on elsewhere");
        case Pattern::Outcome::TooComplex:
            return call.failure("the pattern takes too long to match this text");
        case Pattern::Outcome::NoMatch:
        case Pattern::Outcome::Partial:
            break;
    }
    return std::vector<Span>();
}

}  // namespace

Result<Json> function_regex_match(Call& call) {
    auto spans = search(call);
    if (!spans) return spans.error();
    return Json(!spans->empty());
}

Result<Json> function_regex_find(Call& call) {
    auto group = call.count() > 2 ? static_cast<std::size_t>(call.whole(2, 0, kMaximumCapture)) : 0;
    auto spans = search(call);
    if (!spans) return spans.error();
    if (spans->empty()) return Json(nullptr);
    if (group >= spans->size()) {
        return call.failure("the pattern has no group " + std::to_string(group) + "; it has " +
                            std::to_string(spans->size() - 1));
    }
    auto span = (*spans)[group];
    if (span.begin == Span::npos) return Json(nullptr);
    return Json(std::string(call.text(0).substr(span.begin, span.end - span.begin)));
}

}  // namespace relux::data

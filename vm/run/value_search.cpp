// See value_search.h.
#include "vm/run/value_search.h"

namespace relux::run {

Result<std::optional<std::vector<exec::Value>>> search_value(match::PatternCache& patterns,
                                                             std::string_view pattern,
                                                             std::string_view subject) {
    auto compiled = patterns.regex(pattern);
    if (!compiled) return Error{"invalid regex: " + compiled.error().message, compiled.error().code};
    std::vector<match::Span> spans;
    switch ((*compiled)->search(subject, 0, false, true, spans)) {
        case match::Pattern::Outcome::Match:
            break;
        case match::Pattern::Outcome::TooComplex:
            return Error{"pattern is too complex"};
        case match::Pattern::Outcome::NoMatch:
        case match::Pattern::Outcome::Partial:
            return std::optional<std::vector<exec::Value>>();
    }
    std::vector<exec::Value> captures;
    captures.reserve(spans.size());
    for (const auto& span : spans) {
        captures.push_back(span.begin == match::Span::npos
                               ? exec::Value()
                               : exec::Value(subject.substr(span.begin, span.end - span.begin)));
    }
    return std::optional(std::move(captures));
}

}  // namespace relux::run

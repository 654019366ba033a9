#include "vm/run/value_search.h"

namespace relux::run {

Result<exec::SearchAnswer> answer_of(match::Pattern::Outcome outcome, std::string_view subject,
                                     const std::vector<match::Span>& spans) {
    exec::SearchAnswer answer;
    switch (outcome) {
        case match::Pattern::Outcome::Match:
            break;
        case match::Pattern::Outcome::TooComplex:
            return Error{"pattern is too complex"};
        case match::Pattern::Outcome::Unfinished:
            answer.unfinished = true;
            return answer;
        case match::Pattern::Outcome::NoMatch:
        case match::Pattern::Outcome::Partial:
            return answer;
    }
    auto& captures = answer.captures.emplace();
    captures.reserve(spans.size());
    for (const auto& span : spans) {
        captures.push_back(span.begin == match::Span::npos
                               ? exec::Value()
                               : exec::Value(subject.substr(span.begin, span.end - span.begin)));
    }
    return answer;
}

Result<exec::SearchAnswer> search_value(match::PatternCache& patterns, std::string_view pattern,
                                        std::string_view subject, match::Pattern::Effort effort) {
    const auto compiled = patterns.regex(pattern);
    if (!compiled) return Error{"invalid regex: " + compiled.error().message, compiled.error().code};
    std::vector<match::Span> spans;
    const auto outcome = (*compiled)->search(subject, 0, false, true, spans, effort);
    return answer_of(outcome, subject, spans);
}

}  // namespace relux::run

// Regex search in a whole value: assertions and markers. Knows no test and no shell.
#pragma once

#include <string_view>

#include "vm/base/result.h"
#include "vm/exec/host.h"
#include "vm/match/pattern.h"

namespace relux::run {

/// As exec::Host::search; unfinished only with Effort::Short.
Result<exec::SearchAnswer> search_value(match::PatternCache& patterns, std::string_view pattern,
                                        std::string_view subject, match::Pattern::Effort effort);
/// The same for the outcome of a search in `subject`.
Result<exec::SearchAnswer> answer_of(match::Pattern::Outcome outcome, std::string_view subject,
                                     const std::vector<match::Span>& spans);

}  // namespace relux::run

// Names of outcomes and kinds of failure, as files and scripts spell them. Renaming one breaks readers of old
// runs.
#include "vm/report/outcome.h"

#include "vm/base/assert.h"
#include "vm/base/text.h"

namespace relux::report {

std::string_view outcome_name(OutcomeKind kind) {
    switch (kind) {
        case OutcomeKind::Passed:
            return "pass";
        case OutcomeKind::Failed:
            return "fail";
        case OutcomeKind::Cancelled:
            return "cancelled";
        case OutcomeKind::Skipped:
            return "skipped";
        case OutcomeKind::Invalid:
            return "invalid";
    }
    RELUX_UNREACHABLE("outcome out of range");
}

std::string_view failure_kind_name(FailureKind kind) {
    switch (kind) {
        case FailureKind::MatchTimeout:
            return "match-timeout";
        case FailureKind::FailPattern:
            return "fail-pattern";
        case FailureKind::ShellExited:
            return "shell-exited";
        case FailureKind::TestTimeout:
            return "test-timeout";
        case FailureKind::UndeclaredAssignment:
            return "undeclared-assignment";
        case FailureKind::InvalidRegex:
            return "invalid-regex";
        case FailureKind::PureMatch:
            return "pure-match";
        case FailureKind::MultiMatch:
            return "multi-match";
        case FailureKind::Runtime:
            return "runtime";
        case FailureKind::Cancelled:
            return "cancelled";
        case FailureKind::Leftover:
            return "leftover";
        case FailureKind::Step:
            return "step";
    }
    RELUX_UNREACHABLE("failure kind out of range");
}

std::string shown_name(std::string_view path, std::string_view slug) {
    auto name = visible(path, false);
    if (!slug.empty()) name.append("/").append(slug);
    return name;
}

}  // namespace relux::report

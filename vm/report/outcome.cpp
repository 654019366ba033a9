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

std::string_view failure_type_name(FailureKind kind) {
    switch (kind) {
        case FailureKind::MatchTimeout:
            return "MatchTimeout";
        case FailureKind::FailPattern:
            return "FailPatternMatched";
        case FailureKind::ShellExited:
            return "ShellExited";
        case FailureKind::PureMatch:
            return "PureMatch";
        case FailureKind::MultiMatch:
            return "MultiMatch";
        case FailureKind::Cancelled:
            return "cancelled";
        case FailureKind::TestTimeout:
        case FailureKind::UndeclaredAssignment:
        case FailureKind::InvalidRegex:
        case FailureKind::Runtime:
        case FailureKind::Leftover:
        case FailureKind::Step:
            return "Runtime";
    }
    RELUX_UNREACHABLE("failure kind out of range");
}

std::optional<FailureKind> failure_kind_of_type(std::string_view type) {
    using Kind = FailureKind;
    // The first one of a type that several have is the general one.
    for (const auto kind : {Kind::Runtime, Kind::MatchTimeout, Kind::FailPattern, Kind::ShellExited,
                            Kind::TestTimeout, Kind::UndeclaredAssignment, Kind::InvalidRegex,
                            Kind::PureMatch, Kind::MultiMatch, Kind::Cancelled, Kind::Leftover, Kind::Step}) {
        if (failure_type_name(kind) == type || failure_kind_name(kind) == type) return kind;
    }
    return std::nullopt;
}

std::string cancellation_detail(const Cancellation& cancellation) {
    if (!cancellation.trigger_test.empty()) return "trigger_test=" + cancellation.trigger_test;
    if (cancellation.limit == Duration::zero()) return {};
    return "duration_ms=" + std::to_string(whole_milliseconds(cancellation.limit));
}

std::string shown_name(std::string_view path, std::string_view slug) {
    auto name = visible(path, false);
    if (!slug.empty()) name.append("/").append(slug);
    return name;
}

}  // namespace relux::report

// Everything of a result that people read. Names and paths of tests stay: files are called after them.
#include "vm/report/test_report.h"

namespace relux::report {

namespace {

void mask(std::string& text, const SecretSearch& secrets) {
    text = secrets.mask(text);
}

void mask_failure(Failure& failure, const SecretSearch& secrets) {
    mask(failure.summary, secrets);
    mask(failure.message, secrets);
    mask(failure.value, secrets);
    mask(failure.pattern, secrets);
    mask(failure.shell_state, secrets);
    mask(failure.output_of, secrets);
    for (auto& frame : failure.chain) {
        mask(frame.what, secrets);
        mask(frame.call, secrets);
        mask(frame.place.text, secrets);
    }
    failure.output_head = secrets.mask_excerpt(failure.output_head, false, !failure.output_head.empty());
    failure.output_tail =
        secrets.mask_excerpt(failure.output_tail, failure.output_omitted > 0, !failure.output_tail.empty());
    for (auto& note : failure.notes)
        mask(note, secrets);
    for (auto& pattern : failure.patterns)
        mask(pattern, secrets);
}

}  // namespace

void mask_result(TestResult& result, const SecretSearch& secrets) {
    if (secrets.empty()) return;
    if (result.failure) mask_failure(*result.failure, secrets);
    for (auto& attempt : result.failed_attempts)
        mask_failure(attempt.failure, secrets);
    for (auto& warning : result.warnings)
        mask(warning, secrets);
    mask(result.skip_reason, secrets);
    mask(result.progress, secrets);
}

}  // namespace relux::report

#include "vm/run/attempt_statistics.h"

#include <cstddef>

#include "vm/base/shortened_text.h"

namespace relux::run {

namespace {
/// Limits how much of what a wait was for stands in the statistics of the run; bytes.
constexpr std::size_t kLongestPattern = 1000;
}  // namespace

void AttemptStatistics::count(const report::TestResult& result, const report::Secrets& secrets) {
    if (result.outcome == report::OutcomeKind::Skipped) return;
    run_.attempts.add(result.duration);
    run_.slowest_tests.add({result.duration, result.path, result.name, result.slug});
    for (auto wait : slow_waits_.entries()) {
        // Masked only now, as a secret may have been learned after the wait.
        wait.what = shortened_text(secrets.search().mask(wait.what), kLongestPattern);
        wait.path = result.path;
        wait.name = result.name;
        wait.slug = result.slug;
        run_.slowest_waits.add(std::move(wait));
    }
}

}  // namespace relux::run

// Quantiles of durations that are kept as counts.
#include "vm/base/duration_histogram.h"

#include <doctest/doctest.h>

namespace relux {

using namespace std::chrono_literals;

TEST_CASE("without durations every quantile is zero") {
    const DurationHistogram histogram;
    CHECK(histogram.median() == 0ns);
    CHECK(histogram.longest() == 0ns);
}

TEST_CASE("a quantile is at most an eighth too long, and never above the longest") {
    DurationHistogram histogram;
    for (int i = 1; i <= 1000; ++i)
        histogram.record(std::chrono::microseconds(i));
    CHECK(histogram.count() == 1000);
    for (const auto& [share, exact] :
         {std::pair(0.01, 10us), std::pair(0.5, 500us), std::pair(0.99, 990us)}) {
        CHECK(histogram.quantile(share) >= exact);
        CHECK(histogram.quantile(share) <= exact * 9 / 8);
    }
    CHECK(histogram.quantile(1.0) == 1ms);
}

TEST_CASE("one duration is every quantile") {
    for (const Duration duration : {0ns, 7ns, 8ns, 9ns, 1000ns, 86'400'000'000'000ns}) {
        DurationHistogram histogram;
        histogram.record(duration);
        CHECK(histogram.median() == duration);
    }
}

TEST_CASE("the ends of the range of durations are counted") {
    DurationHistogram histogram;
    histogram.record(-5ns);
    CHECK(histogram.longest() == 0ns);
    histogram.record(Duration::max());
    CHECK(histogram.quantile(1.0) == Duration::max());
    CHECK(histogram.median() == 0ns);
    histogram.clear();
    CHECK(histogram.count() == 0);
}

}  // namespace relux

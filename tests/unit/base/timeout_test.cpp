// Tolerances scale, assertions never do.
#include "vm/base/timeout.h"

#include <chrono>

#include <doctest/doctest.h>

using namespace relux;
using namespace std::chrono_literals;

TEST_CASE("a multiplier stretches a tolerance and leaves an assertion alone") {
    const Timeout tolerance{TimeoutKind::Tolerance, 2s};
    const Timeout assertion{TimeoutKind::Assertion, 2s};
    CHECK(tolerance.effective(1.5) == 3s);
    CHECK(tolerance.factor(1.5) == 1.5);
    CHECK(tolerance.sign() == '~');
    CHECK(assertion.effective(1.5) == 2s);
    CHECK(assertion.factor(1.5) == 1.0);
    CHECK(assertion.sign() == '@');
    CHECK_FALSE(Timeout().there());
}

TEST_CASE("a tolerance that is stretched can be added to a clock") {
    const Timeout longest{TimeoutKind::Tolerance, Duration::max()};
    CHECK(longest.effective(1000.0) <= Duration::max() / 4 + 1s);
}

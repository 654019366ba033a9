// Below eight nanoseconds each has a step of its own; above, the three bits after the highest one choose
// among the steps of its octave.
#include "vm/base/duration_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace relux {

namespace {

constexpr unsigned kStepBits = 3;

std::size_t step_of(std::uint64_t nanoseconds) {
    if (nanoseconds < (1u << kStepBits)) return nanoseconds;
    const auto shift = static_cast<unsigned>(std::bit_width(nanoseconds)) - 1 - kStepBits;
    return (std::size_t{shift + 1} << kStepBits) + ((nanoseconds >> shift) & ((1u << kStepBits) - 1));
}

/// The longest duration that is still in the step.
std::uint64_t end_of(std::size_t step) {
    if (step < (1u << kStepBits)) return step;
    const auto shift = (step >> kStepBits) - 1;
    const auto first = ((step & ((1u << kStepBits) - 1)) + (1u << kStepBits)) << shift;
    return first + (std::uint64_t{1} << shift) - 1;
}

}  // namespace

void DurationHistogram::record(Duration duration) {
    const auto counted = std::max(duration, Duration(0));
    ++steps_[step_of(static_cast<std::uint64_t>(counted.count()))];
    ++count_;
    longest_ = std::max(longest_, counted);
}

void DurationHistogram::add(const DurationHistogram& other) {
    for (std::size_t step = 0; step < steps_.size(); ++step)
        steps_[step] += other.steps_[step];
    count_ += other.count_;
    longest_ = std::max(longest_, other.longest_);
}

Duration DurationHistogram::quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t step = 0; step < steps_.size() && count_ > 0; ++step) {
        seen += steps_[step];
        if (seen >= wanted && seen > 0)
            return std::min(longest_, Duration(static_cast<std::int64_t>(end_of(step))));
    }
    return longest_;
}

}  // namespace relux

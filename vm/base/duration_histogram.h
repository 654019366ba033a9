// How durations are distributed, in little memory whatever their number: eight steps for each doubling, so a
// quantile is at most an eighth too long.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "vm/base/duration.h"

namespace relux {

class DurationHistogram {
  public:
    /// Below zero counts as zero.
    void record(Duration duration);
    void add(const DurationHistogram& other);
    std::uint64_t count() const { return count_; }
    /// Upper end of the step that the `share` (0 to 1) of the durations reaches, at most longest(); zero
    /// without any.
    Duration quantile(double share) const;
    Duration median() const { return quantile(0.5); }
    Duration longest() const { return longest_; }
    void clear() { *this = {}; }

  private:
    static constexpr std::size_t kOctaves = 64;
    static constexpr std::size_t kStepsOfAnOctave = 8;

    std::array<std::uint32_t, kOctaves * kStepsOfAnOctave> steps_{};
    std::uint64_t count_ = 0;
    Duration longest_{0};
};

}  // namespace relux

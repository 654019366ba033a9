// Decides how many tests run at once when nobody has said so: more while processors are idle, fewer as soon
// as the machine answers more slowly than it did. Sees nothing but the figures it is given; knows no clock
// and no loop.
#pragma once

#include <cstdint>
#include <optional>

#include "vm/base/duration.h"

namespace relux::run {

/// The range of jobs.
struct JobLimits {
    int first = 1;
    int most = 1;  ///< not below `first`
};

/// Holds what was seen since the figures before.
struct JobFigures {
    std::size_t round_trips = 0;        ///< how many sends were followed by output
    Duration round_trip{0};             ///< their median
    Duration lag{0};                    ///< the longest that the event loop was late
    std::optional<double> idle;         ///< share of all processors, 0 to 1; nothing: unknown
    std::optional<std::uint64_t> free;  ///< bytes of memory; nothing: unknown
    int running = 0;                    ///< tests, now
    std::size_t waiting = 0;            ///< tests that have not started
};

class JobController {
  public:
    /// Medians of fewer round trips than this say nothing.
    static constexpr std::size_t kFewestRoundTrips = 5;
    /// A share of all processors: less than this is none to spare. Up to the first number of jobs none is
    /// needed.
    static constexpr double kIdleToSpare = 0.25;
    /// Round trips of this many times the baseline, and longer than it by kRoundTripSlack, are slow. Half
    /// as much excess keeps from raising.
    static constexpr int kSlowFactor = 3;
    static constexpr Duration kRoundTripSlack = std::chrono::milliseconds(4);
    /// A loop that is later than this is slow; half of it keeps from raising.
    static constexpr Duration kSlowLag = std::chrono::milliseconds(40);
    /// Bytes: below the first no test is added, below the second tests are taken away.
    static constexpr std::uint64_t kMemoryToSpare = std::uint64_t{512} << 20;
    static constexpr std::uint64_t kMemoryNeeded = std::uint64_t{192} << 20;
    /// Figures that pass after lowering before it is raised again; doubled each time, up to the last.
    static constexpr int kFirstPause = 4;
    static constexpr int kLongestPause = 64;
    /// Figures after lowering that are not held against what is allowed by then.
    static constexpr int kSettling = 2;

    explicit JobController(JobLimits limits) : limits_(limits), jobs_(limits.first) {}

    int jobs() const { return jobs_; }
    /// The new jobs(): by one more, by a quarter fewer (at least one), or the same; never below 1 or above
    /// the limit.
    int take(const JobFigures& figures);
    /// The least median seen; zero before any.
    Duration baseline() const { return baseline_; }

  private:
    enum class Verdict : std::uint8_t { Good, Fair, Slow };
    Verdict judge_round_trips(const JobFigures& figures) const;
    static Verdict judge_lag(const JobFigures& figures);
    static Verdict judge_memory(const JobFigures& figures);
    void learn_baseline(const JobFigures& figures);
    void lower();

    JobLimits limits_;
    int jobs_;
    Duration baseline_{0};
    int settling_ = 0;
    int pause_ = 0;  ///< figures to pass before it may be raised
    int next_pause_ = kFirstPause;
};

}  // namespace relux::run

// How close each match of a program came to its time-out, over a whole run. A plain accumulator: its memory
// is bounded by the number of sites, whatever the number of matches. Knows no file and no format.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "vm/base/duration.h"

namespace relux::run {

/// The matches of one statement. Ratios are elapsed time by effective time-out, from 0 to 1.
class SiteMargins {
  public:
    /// Ratios are counted in steps of half a percent.
    static constexpr std::uint32_t kSteps = 200;

    /// `timeout` is as written, `effective` is what it was scaled to; a match that ran into it counts as 1.
    void record(Duration elapsed, Duration effective, Duration timeout, bool assertion, bool timed_out);
    void add(const SiteMargins& other);

    std::uint64_t count() const { return count_; }
    /// Upper end of the step that holds the ratio below which this share of the matches lies, at most max().
    double quantile(double share) const;
    double median() const { return quantile(0.5); }
    double p99() const { return quantile(0.99); }
    double max() const { return max_; }

    // As stored in files.
    std::map<std::uint32_t, std::uint64_t> steps;  ///< matches by step, from 0 to kSteps - 1
    std::uint64_t timed_out = 0;
    Duration timeout{0};      ///< as written, the latest seen
    Duration max_elapsed{0};  ///< of a match, time-outs included
    bool assertion = false;

    void set_max(double ratio) { max_ = ratio; }
    void set_count(std::uint64_t count) { count_ = count; }

  private:
    std::uint64_t count_ = 0;
    double max_ = 0.0;
};

class MatchMargins {
  public:
    /// Sites beyond this many are not kept; omitted() counts their matches.
    static constexpr std::size_t kMostSites = 20'000;

    /// Valid until the next match is recorded.
    struct Site {
        const std::string* file = nullptr;  ///< as the module's name
        std::uint32_t line = 0;
        const SiteMargins* margins = nullptr;
    };

    /// `file` is compared by its address and must outlive the recorder.
    void record(const std::string& file, std::uint32_t line, Duration elapsed, Duration effective,
                Duration timeout, bool assertion, bool timed_out);

    /// Takes what was recorded elsewhere, for the same files.
    void add(MatchMargins&& other);

    /// By file and line. There may be several of one line, when its file was given by several addresses.
    std::vector<Site> sites() const;
    std::uint64_t omitted() const { return omitted_; }

  private:
    struct Key {
        const std::string* file;
        std::uint32_t line;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const {
            return std::hash<const void*>()(key.file) * 31 + key.line;
        }
    };
    std::unordered_map<Key, SiteMargins, Hash> sites_;
    std::uint64_t omitted_ = 0;
};

}  // namespace relux::run

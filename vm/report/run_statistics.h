// Where the time of a run went, as sums that are kept while it runs. Its memory does not grow with the run.
// Knows no file; text and TOML of it are in run_statistics_text.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "vm/base/duration.h"
#include "vm/base/duration_histogram.h"

namespace relux::report {

/// Says what a shell is doing while its test waits for it.
enum class ShellWork : std::uint8_t {
    Starting,  ///< from its spawn to the first prompt
    Sending,   ///< until the program in it reads what is to be sent
    Waiting,   ///< for output
    Sleeping,
    Ending,  ///< until nothing that descends from it is left
};
inline constexpr std::size_t kShellWorks = 5;

struct WorkTotal {
    std::uint64_t count = 0;
    Duration total{0};
    Duration longest{0};
    void add(Duration duration) {
        ++count;
        total += duration;
        longest = std::max(longest, duration);
    }
    void add(const WorkTotal& other) {
        count += other.count;
        total += other.total;
        longest = std::max(longest, other.longest);
    }
};

/// The slowest of a kind, slowest first; of equal ones the earliest.
template <class Entry>
class Slowest {
  public:
    static constexpr std::size_t kKept = 5;

    /// Whether add() would keep an entry of this duration: asked before its texts are made.
    bool admits(Duration duration) const {
        return entries_.size() < kKept || duration > entries_.back().duration;
    }
    void add(Entry entry) {
        if (!admits(entry.duration)) return;
        const auto place = std::upper_bound(
            entries_.begin(), entries_.end(), entry,
            [](const Entry& one, const Entry& other) { return one.duration > other.duration; });
        entries_.insert(place, std::move(entry));
        if (entries_.size() > kKept) entries_.pop_back();
    }
    const std::vector<Entry>& entries() const { return entries_; }

  private:
    std::vector<Entry> entries_;
};

struct SlowTest {
    Duration duration{0};
    std::string path;  ///< path, name and slug as in TestResult
    std::string name;
    std::string slug;
};

struct SlowWait {
    Duration duration{0};
    std::string what;   ///< `^ready$`; `sleep`
    std::string place;  ///< `relux/tests/tasks.relux:14`
    std::string shell;
    std::string path;  ///< path, name and slug of the test
    std::string name;
    std::string slug;
};

/// How many tests were allowed to run at once.
struct JobsStatistics {
    bool automatic = false;
    int first = 1;
    int least = 1;
    int most = 1;
    int last = 1;
    std::uint64_t raised = 0;
    std::uint64_t lowered = 0;
    DurationHistogram lag;  ///< of the event loop; only measured when automatic
};

/// User and system time of processors.
struct ProcessorTime {
    Duration user{0};
    Duration system{0};
};

struct RunStatistics {
    std::array<WorkTotal, kShellWorks> work = {};
    WorkTotal effects;         ///< set-ups, each with those of the effects that it starts
    std::uint64_t shared = 0;  ///< starts that were given an instance that was there
    WorkTotal attempts;        ///< at tests; more than tests when some were repeated
    std::uint64_t shells = 0;
    std::uint64_t shells_open = 0;
    std::uint64_t shells_at_once = 0;  ///< at most
    std::uint64_t sends = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t matches = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t fail_patterns = 0;  ///< that have hit
    DurationHistogram round_trips;    ///< from a send to the first output after it
    Slowest<SlowTest> slowest_tests;
    Slowest<SlowWait> slowest_waits;
    JobsStatistics jobs;

    // These are of the whole process.
    Duration wall{0};
    Duration load{0};     ///< finding, compiling, reading and linking the suite
    Duration tests{0};    ///< from the start of the first test to the end of the last
    Duration reports{0};  ///< of the run; those of a test belong to its time
    ProcessorTime own;
    ProcessorTime children;         ///< shells, and what they have waited for
    std::uint64_t peak_memory = 0;  ///< bytes resident; 0: unknown

    WorkTotal& of(ShellWork kind) { return work[static_cast<std::size_t>(kind)]; }
    const WorkTotal& of(ShellWork kind) const { return work[static_cast<std::size_t>(kind)]; }
    /// Adds what tests have counted elsewhere; nothing of `jobs` and of the whole process.
    void add_tests(const RunStatistics& other);
};

/// For people, below the result line.
std::string describe_statistics(const RunStatistics& statistics);
/// The table `[stats]` of run_summary.toml. Durations are milliseconds, with microseconds as decimals.
std::string format_statistics(const RunStatistics& statistics);

}  // namespace relux::report

// The live view of a run: the lines of plain progress scroll by as ever, and below them stands a block that
// shows what runs now. It is drawn on standard error, in whole writes, and leaves nothing behind.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <termios.h>
#include <unordered_map>
#include <vector>

#include "tools/screen/run_progress.h"
#include "vm/base/fd.h"

namespace relux::cli {

/// Holds what earlier runs tell about the tests, for the estimate and to tell what is slow.
using KnownDurations = std::unordered_map<std::string, Duration>;  // by test_key()

struct LiveCounts {
    std::size_t total = 0;
    std::size_t done = 0;
    std::size_t failed = 0;  ///< and invalid
    std::size_t skipped = 0;
    std::size_t cancelled = 0;
};

/// Everything that the block shows.
struct LiveState {
    std::string_view noun = "tests";  ///< what they are called
    LiveCounts counts;
    Duration elapsed{0};
    std::optional<Duration> left;  ///< an estimate
    std::vector<run::RunningTest> running;
};

struct LiveLine {
    std::string text;
    std::size_t width = 0;  ///< in columns; escape sequences have none
};

/// The lines of the block, each at most `columns` wide as a terminal counts, at most `rows` of them, without
/// newlines. `colors`: with escape sequences, which take no room.
std::vector<LiveLine> live_block(const LiveState& state, const KnownDurations& known, std::size_t columns,
                                 std::size_t rows, bool colors);

/// Estimates what is left to do, by the durations of earlier runs; nothing as long as too little is known.
std::optional<Duration> estimate_left(const LiveState& state, const KnownDurations& known,
                                      Duration known_waiting, std::size_t unknown_waiting, int jobs);

class LiveView final : public RunProgress {
  public:
    LiveView(Console& console, const std::vector<run::TestCase>& tests, KnownDurations known, int jobs,
             std::string_view noun = "tests");
    ~LiveView() override;

    void on_run_started(const run::RunMonitor& monitor) override;
    void on_run_finished() override;
    bool wants_starts() const override { return true; }
    void on_test_started(const run::TestCase& test) override;
    bool has_shown_failures() const override { return has_shown_failures_; }
    void on_test_finished(const run::TestCase& test, const report::TestResult& result) override;
    void count(const report::TestResult& result) override;
    /// Above the block.
    void print(std::string_view lines) override;

    /// Whether standard error is a terminal that can show it.
    static bool possible();

  private:
    void tick();
    void draw();
    std::string erase();
    void suspend();
    void watch_continuation();
    void set_keys();
    void restore_keys();
    void read_key();
    void measure();
    LiveState state() const;

    KnownDurations known_;
    int jobs_;
    std::string_view noun_;
    LiveCounts counts_;
    Duration known_waiting_{0};  ///< of tests that have not started
    std::size_t unknown_waiting_ = 0;
    std::vector<std::size_t> drawn_;  ///< widths of the lines that stand there
    std::size_t columns_ = 80;
    std::size_t rows_ = 24;
    bool colors_;
    bool has_shown_failures_ = true;
    std::unique_ptr<io::Timer> timer_;
    io::Time next_tick_{0};
    bool postponed_ = false;
    std::unique_ptr<io::Watch> resized_;
    std::unique_ptr<io::Watch> suspended_;
    std::unique_ptr<io::Watch> continued_;
    std::unique_ptr<io::Watch> keys_;
    Fd terminal_;       ///< there while keys are taken
    termios before_{};  ///< its settings then
};

}  // namespace relux::cli

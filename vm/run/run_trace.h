// Shows a run to the viewer of a trace: a track for each test that runs at the same time, one for each effect
// that is being set up, one for each shell that is open. A track is used again when it is free, so there are
// as many as run at once. All of it follows from what the tests record in their event logs.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vm/base/duration.h"
#include "vm/io/loop.h"
#include "vm/report/event_log.h"
#include "vm/report/outcome.h"
#include "vm/report/trace_file.h"

namespace relux::run {

/// One row of the viewer: the spans that are open on it, outermost first.
class TraceTrack {
  public:
    /// `open` spans of a test's log are known by their number; all others are 0.
    TraceTrack(report::TraceFile& file, std::uint32_t number) : file_(file), number_(number) {}

    void begin(Duration time, std::string_view category, std::string_view name,
               report::TraceArguments arguments, std::uint32_t span = 0);
    /// Ends the innermost span.
    void end(Duration time, report::TraceArguments arguments = {});
    /// Ends what is open inside the outermost `depth` spans.
    void end_down_to(std::size_t depth, Duration time);
    /// Ends the span of that number with all that is open in it. False: it is not open.
    bool end_span(std::uint32_t span, Duration time);
    void instant(Duration time, std::string_view category, std::string_view name,
                 report::TraceArguments arguments) {
        file_.instant(number_, time, category, name, arguments);
    }
    std::size_t depth() const { return open_.size(); }
    bool taken = false;

  private:
    report::TraceFile& file_;
    std::uint32_t number_;
    std::vector<std::uint32_t> open_;
};

class RunTrace {
  public:
    /// Both outlive this. Times are since `started`.
    RunTrace(report::TraceFile& file, io::Loop& loop, io::Time started)
        : file_(file), loop_(loop), started_(started) {}

    Duration now() { return loop_.now() - started_; }
    Duration since_start(io::Time time) const { return time - started_; }
    /// How many tests run, and how many may.
    void count_tests(std::size_t running, int allowed);
    void flush() { file_.flush(); }

    enum class Kind : std::uint8_t { Test, Effect, Shell };
    /// A free track of that kind for the tests of `slot`, counted from 0; there is one for tests.
    TraceTrack& take(int slot, Kind kind);

  private:
    report::TraceFile& file_;
    io::Loop& loop_;
    io::Time started_;
    std::deque<TraceTrack> tracks_;  // stable addresses
    std::map<std::pair<int, Kind>, std::vector<TraceTrack*>> by_slot_;
};

/// One attempt at a test. Everything shown has its secrets masked, as far as they are known at that moment.
class AttemptTrace {
  public:
    using Mask = std::function<std::string(std::string_view)>;
    using SourceName = std::function<std::string_view(std::uint32_t)>;
    using ShellName = std::function<std::string_view(std::uint32_t)>;

    /// `run` outlives this. `started` is where the times of the attempt's records begin.
    AttemptTrace(RunTrace& run, int slot, io::Time started, Mask mask, SourceName source, ShellName shell);
    /// Without finish(), as after it, nothing stays open.
    ~AttemptTrace();
    AttemptTrace(const AttemptTrace&) = delete;
    AttemptTrace& operator=(const AttemptTrace&) = delete;

    void begin(std::string_view path, std::string_view name, int attempt);
    /// Takes over what was recorded, with the number that EventLog::record() gave it.
    void record(const report::Event& event);
    /// Begins a send, which may have to wait for its reader; recording the send ends that.
    void begin_send(const report::EventPlace& place, std::string_view text);
    /// Nothing of the shell is left.
    void shell_ended(std::uint32_t shell);
    /// Says that all from here on is the ending of shells, and cleanups.
    void begin_teardown();
    /// `result` is masked.
    void finish(const report::TestResult& result);

  private:
    struct ShellTrack {
        TraceTrack* track = nullptr;
        std::string_view waits_in;  ///< category of the innermost span if an event ends that; else empty
    };
    TraceTrack& shell_track(std::uint32_t shell, Duration time);
    TraceTrack& effect_track(std::uint32_t span);
    void begin_wait(const report::EventPlace& place, Duration time, std::string_view category,
                    const std::string& name, report::TraceArguments arguments);
    void end_wait(std::uint32_t shell, Duration time, std::string_view category, std::string_view result);
    void begin_log_span(const report::Event& event, Duration time);
    void end_log_span(std::uint32_t span, Duration time);
    void record_wait(const report::Event& event, Duration time);
    void record_instant(const report::Event& event, Duration time);
    TraceTrack& track_at(const report::EventPlace& place, Duration time);
    std::string shown(std::string_view text) const;
    std::string sentence(std::string_view text) const;
    std::string source(const report::EventPlace& place) const;
    Duration now() { return run_.now(); }

    RunTrace& run_;
    int slot_;
    Duration offset_;
    Mask mask_;
    SourceName source_;
    ShellName shell_name_;
    std::string test_;
    TraceTrack& own_;
    std::unordered_map<std::uint32_t, ShellTrack> shells_;  ///< by number; those that are open
    std::unordered_map<std::uint32_t, TraceTrack*>
        span_tracks_;                                         ///< by number of the span; those that are open
    std::unordered_map<std::uint32_t, TraceTrack*> effects_;  ///< the same, with a track of its own
    bool finished_ = false;
};

}  // namespace relux::run

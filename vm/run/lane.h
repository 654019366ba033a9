// The tests of a run that share one loop, and with it one thread. Workers, as many as may run here at once,
// claim tests of the run, one after the other. Nothing of a lane is used by another thread; what the lanes of
// a run have in common is asked for from its host.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vm/exec/program.h"
#include "vm/io/loop.h"
#include "vm/io/task.h"
#include "vm/match/pattern.h"
#include "vm/report/outcome.h"
#include "vm/run/run_resources.h"
#include "vm/run/suite.h"

namespace relux::run {

class Lane;
class Attempt;

/// The run that a lane belongs to. All of it may be called by the threads of all lanes.
class LaneHost {
  public:
    virtual ~LaneHost() = default;

    struct Claimed {
        const TestCase* test = nullptr;
        report::TestResult* result = nullptr;  ///< for the lane alone, until it has finished the test
    };
    /// The next test, which is the caller's to run; nothing: all have been claimed.
    virtual std::optional<Claimed> claim() = 0;
    virtual bool more() const = 0;
    /// Why no test is to be started any more, if it is so.
    virtual report::Cancellation stopped_because() const = 0;
    /// Whether the first shells of tests are to be started early, as things are.
    virtual bool starts_shells_early() const = 0;
    /// Ends what runs, on all lanes.
    virtual void stop(const report::Cancellation& why) = 0;
    /// Tests that run, on all lanes: one more, or one less.
    virtual void count_running(int change) = 0;

    virtual void on_test_started(const TestCase& test) = 0;
    virtual void on_test_finished(const Claimed& finished) = 0;
    /// The lane has workers from now on, or none.
    virtual void set_working(int lane, bool working) = 0;
};

class Lane {
  public:
    /// All outlive it. `number` of `count` lanes, from 0.
    Lane(LaneHost& host, exec::Program& program, const RunSettings& settings, io::Loop& loop,
         SharedResources& shared, int number, int count);
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    /// To be completed before allow() is called.
    RunResources& resources() { return resources_; }
    const match::PatternCache& patterns() const { return patterns_; }
    io::Loop& loop() { return resources_.loop; }

    /// So many tests may run here at once from now on. Those that run are left alone.
    void allow(int jobs);
    /// Stops what runs; its cleanups still run.
    void cancel(const report::Cancellation& why);
    /// Stops cleanups too.
    void kill();
    std::vector<RunningTest> running() const;
    /// After the last worker: shells that have ended are destroyed.
    void finish() { resources_.retired.clear(); }

  private:
    void start_worker();
    io::Task<void> work();
    int take_slot();
    /// Says what a worker runs next, as far as that is known.
    struct NextTest {
        std::optional<LaneHost::Claimed> claimed;
        ShellReservation shells;       ///< for `run`
        std::unique_ptr<Attempt> run;  ///< its first attempt, when shells have been started for it
    };
    void prepare(NextTest& next);
    void move_logs(report::TestResult& result, int number) const;
    io::Task<void> run_test(LaneHost::Claimed claimed, int slot, NextTest& next);
    io::Task<void> run_in_turn(const TestCase& test, report::TestResult& result, int slot, NextTest& next);
    Result<const exec::LinkedModule*> load(const TestCase& test);
    io::Task<ShellReservation> reserve(std::size_t shells);
    io::Task<void> run_attempts(const TestCase& test, const exec::LinkedModule& module,
                                report::TestResult& result, int slot, NextTest& next);

    LaneHost& host_;
    exec::Program& program_;
    const RunSettings& settings_;
    int number_;
    int count_;
    int allowed_ = 0;
    int workers_running_ = 0;
    std::unique_ptr<io::Timer> next_start_;  ///< armed: another worker is about to start
    std::vector<bool> slots_taken_;
    match::PatternCache patterns_;
    RunResources resources_;
    std::vector<Attempt*> running_;
    std::vector<ShellPool::Waiter*> waiting_;  ///< for their turn to begin
    io::Scope workers_;
};

}  // namespace relux::run

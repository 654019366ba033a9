// Tests what the controller is told, on a loop whose timers fire as late as the test wants.
#include "vm/run/automatic_jobs.h"

#include <doctest/doctest.h>

using namespace relux;
using namespace relux::run;
using namespace std::chrono_literals;

namespace {

/// Has one timer, and nothing else.
class LateLoop final : public io::Loop {
  public:
    /// Lets the timer fire so long after it was due.
    void fire(Duration late) {
        now_ = due_ + late;
        callback_();
    }

    io::Time now() override { return now_; }
    std::unique_ptr<io::Timer> make_timer(std::function<void()> callback) override {
        callback_ = std::move(callback);
        return std::make_unique<LateTimer>(*this);
    }
    Result<std::unique_ptr<io::ShellIo>> open_shell(const io::ShellOptions&, io::ShellListener&) override {
        return Error{"none"};
    }
    void post(std::function<void()>) override {}
    void run_beside(std::function<void()>, std::function<void()>) override {}
    void write_beside(std::function<void()>, std::function<void()>) override {}
    void watch_interrupts(std::function<void(int)>) override {}
    std::unique_ptr<io::Watch> watch_signal(int, std::function<void()>) override { return nullptr; }
    std::unique_ptr<io::Watch> watch_readable(int, std::function<void()>) override { return nullptr; }
    std::unique_ptr<io::DescriptorWatch> watch_descriptor(int, io::Readiness,
                                                          std::function<void(io::Readiness)>) override {
        return nullptr;
    }
    Result<std::unique_ptr<io::ProcessIo>> open_process(const io::ProcessOptions&,
                                                        io::ProcessListener&) override {
        return Error{"none"};
    }
    Result<std::unique_ptr<io::Loop>> make_loop_beside() override { return Error{"time has one loop here"}; }
    void run() override {}
    void stop() override {}

  private:
    class LateTimer final : public io::Timer {
      public:
        explicit LateTimer(LateLoop& loop) : loop_(loop) {}
        void arm(io::Time deadline) override { loop_.due_ = deadline; }
        void disarm() override {}
        bool armed() const override { return true; }

      private:
        LateLoop& loop_;
    };
    io::Time now_ = 1s;
    io::Time due_{0};
    std::function<void()> callback_;
};

/// Does nothing and has everything.
class IdleMachine final : public MachineLoad {
  public:
    std::optional<double> idle() override { return 1.0; }
    std::optional<std::uint64_t> free_memory() override { return std::nullopt; }
};

struct Trial {
    LateLoop loop;
    IdleMachine machine;
    report::JobsStatistics statistics;
    std::vector<int> changes;
    AutomaticJobs jobs;

    explicit Trial(JobLimits limits)
        : jobs(
              loop, machine, limits, statistics,
              [this] {
                  return AutomaticJobs::Tests{jobs.jobs(), 1000};
              },
              [this](int number) { changes.push_back(number); }) {
        statistics.least = statistics.most = statistics.last = limits.first;
    }
    /// Up to the next question to the controller; one of the looks at the loop is late.
    void pass(Duration late = 0ms) {
        for (int i = 0; i < AutomaticJobs::kTicksOfFigures; ++i)
            loop.fire(i == 1 ? late : Duration(0));
    }
    void answer(Duration round_trip) {
        for (std::size_t i = 0; i < 2 * JobController::kFewestRoundTrips; ++i)
            jobs.add_round_trip(round_trip);
    }
};

}  // namespace

TEST_CASE("each change is told once, and counted") {
    Trial trial({2, 4});
    for (int i = 0; i < 5; ++i)
        trial.pass();
    CHECK(trial.changes == std::vector{3, 4});
    CHECK(trial.statistics.automatic);
    CHECK(trial.statistics.raised == 2);
    CHECK(trial.statistics.lowered == 0);
    CHECK(trial.statistics.most == 4);
    CHECK(trial.statistics.last == 4);
    CHECK(trial.statistics.least == 2);
}

TEST_CASE("between two questions it is asked nothing") {
    Trial trial({2, 9});
    for (int i = 0; i < AutomaticJobs::kTicksOfFigures - 1; ++i)
        trial.loop.fire(0ms);
    CHECK(trial.changes.empty());
    trial.loop.fire(0ms);
    CHECK(trial.changes == std::vector{3});
}

TEST_CASE("a loop that was late once is held against it once") {
    Trial trial({8, 8});
    trial.pass(100ms);
    REQUIRE(trial.changes == std::vector{6});
    CHECK(trial.statistics.lag.longest() == 100ms);
    for (int i = 0; i < 20; ++i)
        trial.pass();
    CHECK(trial.changes == std::vector{6, 7, 8});
    CHECK(trial.statistics.least == 6);
}

TEST_CASE("round trips count for the question after them, and no other") {
    Trial trial({8, 8});
    trial.answer(1ms);
    trial.pass();
    CHECK(trial.changes.empty());
    trial.answer(50ms);
    trial.pass();
    REQUIRE(trial.changes == std::vector{6});
    for (int i = 0; i < 20; ++i)
        trial.pass();
    CHECK(trial.changes == std::vector{6, 7, 8});
}

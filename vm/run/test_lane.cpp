// See test_lane.h.
#include "vm/run/test_lane.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "vm/exec/shell_need.h"
#include "vm/run/test_run.h"

namespace relux::run {

using report::OutcomeKind;
using report::TestResult;

TestLane::TestLane(LaneHost& host, exec::Program& program, const RunSettings& settings, io::Loop& loop,
                   SharedResources& shared, int number, int count)
    : host_(host),
      program_(program),
      settings_(settings),
      number_(number),
      count_(count),
      resources_{loop, settings, shared, patterns_, {}} {
    resources_.program = &program;
    next_start_ = loop.make_timer([this] { start_worker(); });
}

void TestLane::allow(int jobs) {
    allowed_ = jobs;
    if (!next_start_->armed()) start_worker();
    // Also without ever having had one.
    if (workers_running_ == 0) host_.set_working(number_, false);
}

/// One in a turn of the loop: starting a shell takes a while, in which those that run have something to say.
void TestLane::start_worker() {
    if (workers_running_ >= allowed_ || !host_.more()) return;
    if (++workers_running_ == 1) host_.set_working(number_, true);
    if (workers_running_ < allowed_) next_start_->arm(resources_.loop.now());
    workers_.start(work());
}

io::Task<void> TestLane::work() {
    const int slot = take_slot();
    // This worker is one of those that run.
    NextTest next;
    while (next.claimed || workers_running_ <= allowed_) {
        const auto claimed = next.claimed ? std::exchange(next.claimed, std::nullopt) : host_.claim();
        if (!claimed) break;
        co_await run_test(*claimed, slot, next);
    }
    slots_taken_[static_cast<std::size_t>(slot)] = false;
    if (--workers_running_ == 0) host_.set_working(number_, false);
}

Result<const exec::LinkedModule*> TestLane::load(const TestCase& test) {
    const auto since = resources_.loop.now();
    auto module = program_.load(test.module);
    resources_.statistics.load += resources_.loop.now() - since;
    return module;
}

/// Nothing is reserved when the run is stopped meanwhile.
io::Task<ShellReservation> TestLane::reserve(std::size_t shells) {
    auto& pool = resources_.shared.pool;
    ShellPool::Waiter waiter(resources_.loop, shells);
    pool.reserve(waiter);
    if (waiter.waits()) {
        waiting_.push_back(&waiter);
        while (waiter.waits())
            co_await waiter.over().wait();
        std::erase(waiting_, &waiter);
    }
    co_return ShellReservation(pool, waiter.granted());
}

/// While the shells of a worker's test are ending, its next test gets its first shells.
void TestLane::prepare(NextTest& next) {
    if (!host_.starts_shells_early() || workers_running_ > allowed_ || !host_.stopped_because().empty())
        return;
    next.claimed = host_.claim();
    if (!next.claimed) return;
    const auto& test = *next.claimed->test;
    if (test.module.empty() || !test.cached_because.empty()) return;
    const auto module = load(test);
    if (!module) return;
    const auto need = exec::shell_need_of(**module, (*module)->code.tests[test.number]).most;
    auto& pool = resources_.shared.pool;
    // What others wait for, or will need to go on, is not for shells that nobody needs yet.
    if (!pool.try_reserve(need)) return;
    next.shells = ShellReservation(pool, need);
    next.run =
        std::make_unique<TestRun>(resources_, test, **module, log_directory_of(test.log_directory(), 0), 1.0);
    next.run->start_early_shells();
}

std::filesystem::path TestLane::log_directory_of(std::string_view log_directory, int attempt) const {
    auto directory = settings_.run_directory / log_directory;
    if (attempt > 0) directory /= "retry-" + std::to_string(attempt);
    return directory;
}

/// The first that no worker has.
int TestLane::take_slot() {
    const auto free = std::find(slots_taken_.begin(), slots_taken_.end(), false);
    const auto slot = free - slots_taken_.begin();
    if (free == slots_taken_.end()) {
        slots_taken_.push_back(true);
    } else {
        *free = true;
    }
    return static_cast<int>(slot);
}

io::Task<void> TestLane::run_test(LaneHost::Claimed claimed, int slot, NextTest& next) {
    const auto& test = *claimed.test;
    auto& result = *claimed.result;
    result.path = test.path;
    result.name = test.name;
    result.slug = test.slug();
    result.log_directory = test.log_directory();
    if (test.module.empty()) {
        result.outcome = OutcomeKind::Invalid;
        result.skip_reason = test.invalid_reason;
    } else if (!test.cached_because.empty()) {
        result.log_directory.clear();
        result.cached_because = test.cached_because;
    } else {
        co_await run_in_turn(test, result, slot, next);
    }
    // From here on the result is the host's. One that failed on its way here has said so already.
    const bool ends_the_run = settings_.fail_fast && (result.outcome == OutcomeKind::Failed ||
                                                      result.outcome == OutcomeKind::Invalid);
    host_.on_test_finished(claimed);
    if (ends_the_run) host_.stop("fail-fast");
}

io::Task<void> TestLane::run_in_turn(const TestCase& test, TestResult& result, int slot, NextTest& next) {
    auto shells = std::move(next.shells);
    std::optional<Result<const exec::LinkedModule*>> module;
    if (!shells && host_.stopped_because().empty()) {
        module = load(test);
        const auto need =
            *module ? exec::shell_need_of(***module, (**module)->code.tests[test.number]).most : 0;
        shells = co_await reserve(need);
    }
    if (const auto stopped = host_.stopped_because(); !stopped.empty()) {
        result.outcome = OutcomeKind::Cancelled;
        report::Failure failure;
        failure.kind = report::FailureKind::Cancelled;
        failure.summary = "cancelled (" + stopped + ")";
        result.failure = std::move(failure);
        if (const auto early = std::move(next.run)) co_await early->drop_early_shells();
        co_return;
    }
    host_.on_test_started(test);
    if (!module) module = load(test);
    if (*module) {
        co_await run_attempts(test, ***module, result, slot, next);
    } else {
        result.outcome = OutcomeKind::Invalid;
        result.skip_reason = module->error().message;
    }
}

io::Task<void> TestLane::run_attempts(const TestCase& test, const exec::LinkedModule& module,
                                      TestResult& result, int slot, NextTest& next) {
    const auto path = result.path;
    const auto name = result.name;
    const auto slug = result.slug;
    const auto log_directory = result.log_directory;
    Duration total{0};
    std::vector<report::FailedAttempt> failed;
    for (int attempt = 0;; ++attempt) {
        result = TestResult();
        result.path = path;
        result.name = name;
        result.slug = slug;
        result.log_directory = log_directory;
        result.flaky_retries = attempt;
        bool again = false;
        {
            auto run = std::move(next.run);
            if (!run)
                run = std::make_unique<TestRun>(resources_, test, module,
                                                log_directory_of(log_directory, attempt),
                                                std::pow(settings_.flaky_multiplier, attempt));
            run->on_winding_down = [this, &next] { prepare(next); };
            run->may_retry = [this, attempt] {
                return attempt < settings_.flaky_retries && host_.stopped_because().empty();
            };
            run->on_failed = [this] {
                if (settings_.fail_fast) host_.stop("fail-fast");
            };
            running_.push_back(run.get());
            run->begin(slot * count_ + number_, attempt);
            host_.count_running(1);
            co_await run->run(result);
            again = run->will_be_retried();
            std::erase(running_, run.get());
            if (settings_.reports) co_await run->write_report(result, attempt);
            host_.count_running(-1);
        }
        total += result.duration;
        if (!again) break;
        auto attempt_directory = log_directory;
        if (attempt > 0) attempt_directory += "/retry-" + std::to_string(attempt);
        failed.push_back({std::move(*result.failure), result.duration, std::move(attempt_directory)});
    }
    result.duration = total;
    result.failed_attempts = std::move(failed);
}

void TestLane::cancel(const std::string& why) {
    const auto waiting = waiting_;  // one that does not wait any more leaves the list while we walk it
    for (auto* waiter : waiting)
        resources_.shared.pool.withdraw(*waiter);
    const auto running = running_;  // a test that ends at once leaves the list while we walk it
    for (auto* run : running) {
        if (std::find(running_.begin(), running_.end(), run) != running_.end()) run->cancel(why);
    }
}

void TestLane::kill() {
    const auto running = running_;
    for (auto* run : running) {
        if (std::find(running_.begin(), running_.end(), run) != running_.end()) run->kill();
    }
}

std::vector<RunningTest> TestLane::running() const {
    std::vector<RunningTest> tests;
    for (const auto* run : running_)
        tests.push_back(run->describe());
    return tests;
}

}  // namespace relux::run

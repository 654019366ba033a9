#include "vm/run/lane.h"

#include <algorithm>
#include <utility>

#include "vm/exec/shell_need.h"
#include "vm/report/run_mode.h"
#include "vm/run/attempt.h"

namespace relux::run {

namespace fs = std::filesystem;

using report::OutcomeKind;
using report::TestResult;

namespace {

report::Cancellation fail_fast_of(const TestCase& failed) {
    return {"fail-fast", {}, std::string(failed.name)};
}

/// Where a test begins.
std::uint32_t declared_line(const exec::LinkedModule& module, const TestCase& test) {
    return module.code.scopes[module.code.tests[test.number].scope].span.line;
}

}  // namespace

Lane::Lane(LaneHost& host, exec::Program& program, const RunSettings& settings, io::Loop& loop,
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

void Lane::allow(int jobs) {
    allowed_ = jobs;
    if (!next_start_->armed()) start_worker();
    // Also without ever having had one.
    if (workers_running_ == 0) host_.set_working(number_, false);
}

/// One in a turn of the loop: starting a shell takes a while, in which those that run have something to say.
void Lane::start_worker() {
    if (workers_running_ >= allowed_ || !host_.more()) return;
    if (++workers_running_ == 1) host_.set_working(number_, true);
    if (workers_running_ < allowed_) next_start_->arm(resources_.loop.now());
    workers_.start(work());
}

io::Task<void> Lane::work() {
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

Result<const exec::LinkedModule*> Lane::load(const TestCase& test) {
    const auto since = resources_.loop.now();
    auto module = program_.load(test.module);
    resources_.statistics.load += resources_.loop.now() - since;
    return module;
}

/// Nothing is reserved when the run is stopped meanwhile.
io::Task<ShellReservation> Lane::reserve(std::size_t shells) {
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
void Lane::prepare(NextTest& next) {
    if (!host_.starts_shells_early() || workers_running_ > allowed_ || host_.stopped_because().cancelled())
        return;
    next.claimed = host_.claim();
    if (!next.claimed) return;
    const auto& test = *next.claimed->test;
    if (test.module.empty() || !test.cached_because.empty()) return;
    const auto module = load(test);
    if (!module) return;
    const auto need = exec::shell_need_of(**module, (*module)->code.tests[test.number]).most;
    auto& pool = resources_.shared.pool;
    // Shells that nobody needs yet get nothing that others wait for, or will need to go on.
    if (!pool.try_reserve(need)) return;
    next.shells = ShellReservation(pool, need);
    next.run = std::make_unique<Attempt>(resources_, test, **module, 0);
    next.run->start_early_shells();
}

/// The first that no worker has.
int Lane::take_slot() {
    const auto free = std::find(slots_taken_.begin(), slots_taken_.end(), false);
    const auto slot = free - slots_taken_.begin();
    if (free == slots_taken_.end()) {
        slots_taken_.push_back(true);
    } else {
        *free = true;
    }
    return static_cast<int>(slot);
}

io::Task<void> Lane::run_test(LaneHost::Claimed claimed, int slot, NextTest& next) {
    const auto& test = *claimed.test;
    auto& result = *claimed.result;
    result.path = test.path;
    result.name = test.name;
    result.slug = test.slug();
    result.file = test.file;
    result.line = test.line;
    result.log_directory = test.log_directory();
    if (test.module.empty()) {
        result.outcome = OutcomeKind::Invalid;
        result.skip_reason = test.invalid_reason;
    } else if (!test.cached_because.empty()) {
        result.log_directory.clear();
        result.cached_because = test.cached_because;
        if (const auto module = load(test)) result.line = declared_line(**module, test);
    } else {
        co_await run_in_turn(test, result, slot, next);
    }
    // From here on the result is the host's. One that failed on its way here has said so already.
    const bool ends_the_run = settings_.fail_fast && (result.outcome == OutcomeKind::Failed ||
                                                      result.outcome == OutcomeKind::Invalid);
    host_.on_test_finished(claimed);
    if (ends_the_run) host_.stop(fail_fast_of(test));
}

/// A try that is followed by another leaves its directory, which is that of the last one, for `try-N` in it.
void Lane::move_logs(TestResult& result, int number) const {
    constexpr std::string_view kPrefix = "try-";
    const auto name = std::string(kPrefix) + std::to_string(number);
    const auto directory = settings_.run_directory / result.log_directory;
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
        const bool is_try = it->path().filename().native().starts_with(kPrefix) && it->is_directory(error);
        if (!is_try) entries.push_back(it->path());
    }
    if (!error) error = report::make_directories_below(directory / name);
    for (const auto& entry : entries) {
        if (!error) fs::rename(entry, directory / name / entry.filename(), error);
    }
    result.log_directory += "/" + name;
    if (error && result.report_error.empty())
        result.report_error = "cannot move logs to " + (directory / name).string() + ": " + error.message();
}

io::Task<void> Lane::run_in_turn(const TestCase& test, TestResult& result, int slot, NextTest& next) {
    auto shells = std::move(next.shells);
    std::optional<Result<const exec::LinkedModule*>> module;
    if (!shells && !host_.stopped_because().cancelled()) {
        module = load(test);
        const auto need =
            *module ? exec::shell_need_of(***module, (**module)->code.tests[test.number]).most : 0;
        shells = co_await reserve(need);
    }
    if (auto stopped = host_.stopped_because(); stopped.cancelled()) {
        result.outcome = OutcomeKind::Cancelled;
        result.log_directory.clear();
        report::Failure failure;
        failure.kind = report::FailureKind::Cancelled;
        failure.summary = stopped.summary();
        failure.cancellation = std::move(stopped);
        result.failure = std::move(failure);
        // CI systems link to the place of one that never started, too.
        if (!module) module = load(test);
        if (*module) result.line = declared_line(***module, test);
        if (const auto early = std::move(next.run)) co_await early->drop_early_shells();
        co_return;
    }
    host_.on_test_started(test);
    if (!module) module = load(test);
    if (*module) {
        co_await run_attempts(test, ***module, result, slot, next);
    } else {
        result.outcome = OutcomeKind::Invalid;
        result.log_directory.clear();
        result.skip_reason = module->error().message;
    }
}

io::Task<void> Lane::run_attempts(const TestCase& test, const exec::LinkedModule& module, TestResult& result,
                                  int slot, NextTest& next) {
    const auto path = result.path;
    const auto name = result.name;
    const auto slug = result.slug;
    const auto log_directory = result.log_directory;
    const auto file = result.file;
    const auto line = declared_line(module, test);
    Duration total{0};
    std::vector<report::FailedAttempt> failed;
    for (int attempt = 0;; ++attempt) {
        result = TestResult();
        result.path = path;
        result.name = name;
        result.slug = slug;
        result.log_directory = log_directory;
        result.file = file;
        result.line = line;
        result.flaky_retries = attempt;
        result.most_tries = settings_.flaky_retries + 1;
        bool again = false;
        {
            auto run = std::move(next.run);
            if (!run) run = std::make_unique<Attempt>(resources_, test, module, attempt);
            run->on_winding_down = [this, &next] { prepare(next); };
            run->may_retry = [this, attempt] {
                return attempt < settings_.flaky_retries && !host_.stopped_because().cancelled();
            };
            run->on_failed = [this, &test] {
                if (settings_.fail_fast) host_.stop(fail_fast_of(test));
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
        if (settings_.reports) move_logs(result, attempt + 1);
        failed.push_back({std::move(*result.failure), result.duration, std::move(result.log_directory)});
    }
    result.duration = total;
    result.failed_attempts = std::move(failed);
}

void Lane::cancel(const report::Cancellation& why) {
    const auto waiting = waiting_;  // one that does not wait any more leaves the list while we walk it
    for (auto* waiter : waiting)
        resources_.shared.pool.withdraw(*waiter);
    const auto running = running_;  // a test that ends at once leaves the list while we walk it
    for (auto* run : running) {
        if (std::find(running_.begin(), running_.end(), run) != running_.end()) run->cancel(why);
    }
}

void Lane::kill() {
    const auto running = running_;
    for (auto* run : running) {
        if (std::find(running_.begin(), running_.end(), run) != running_.end()) run->kill();
    }
}

std::vector<RunningTest> Lane::running() const {
    std::vector<RunningTest> tests;
    for (const auto* run : running_)
        tests.push_back(run->describe());
    return tests;
}

}  // namespace relux::run

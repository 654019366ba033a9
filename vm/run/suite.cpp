// See suite.h.
#include "vm/run/suite.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "vm/base/text.h"
#include "vm/run/automatic_jobs.h"
#include "vm/run/run_trace.h"
#include "vm/run/test_run.h"

namespace relux::run {

namespace {

using report::OutcomeKind;
using report::TestResult;

report::RunSecrets secrets_of(const RunSettings& settings, const std::vector<TestCase>& tests) {
    std::vector<const std::map<std::string, std::string>*> environments = {&settings.environment};
    std::set<const EnvironmentLayer*> layers;
    const EnvironmentLayer* before = nullptr;
    for (const auto& test : tests) {
        if (test.environment == before) continue;
        before = test.environment;
        if (test.environment != nullptr && layers.insert(test.environment).second)
            environments.push_back(&test.environment->variables);
    }
    return report::RunSecrets(report::SecretNames(settings.mask), environments);
}

// Limits of `-j auto`. Tests that only wait cost little, but each has its shells: terminals, memory, and
// lists of processes that take the longer, the more there are.
constexpr int kMostTestsOfACore = 16;
constexpr int kMostTests = 256;
constexpr std::size_t kShellsOfATest = 4;

JobLimits limits_of(const RunSettings& settings, std::size_t shells) {
    const int by_shells = static_cast<int>(std::min<std::size_t>(shells / kShellsOfATest, kMostTests));
    const int most = std::min({settings.jobs * kMostTestsOfACore, by_shells, kMostTests});
    return {settings.jobs, std::max(settings.jobs, most)};
}

/// The tests of one run on one loop: workers, as many as may run at once, take them in order.
class SuiteRun final : public RunMonitor {
  public:
    SuiteRun(io::Loop& loop, exec::Program& program, const std::vector<TestCase>& tests,
             const RunSettings& settings, RunListener& listener, const RunInstruments& instruments)
        : program_(program),
          tests_(tests),
          settings_(settings),
          listener_(listener),
          instruments_(instruments),
          allowed_(settings.jobs),
          ports_(settings.port_range_start, settings.port_range_end),
          resources_{loop, settings, ports_, patterns_, {}} {
        // Never moved; memory that no result uses yet costs nothing.
        result_.results.reserve(tests.size());
        resources_.program = &program;
        resources_.slots.on_first_wait = [this](const std::string& why) { listener_.on_shortage(why); };
        resources_.on_output = [this](const TestCase& test, std::string_view text) {
            listener_.on_output(test, text);
        };
        resources_.secrets = secrets_of(settings, tests);
        auto& jobs = resources_.statistics.jobs;
        jobs.first = jobs.least = jobs.most = jobs.last = settings.jobs;
    }

    std::vector<RunningTest> running() const override {
        std::vector<RunningTest> tests;
        for (const auto* run : running_)
            tests.push_back(run->describe());
        return tests;
    }
    io::Loop& loop() const override { return resources_.loop; }

    SuiteResult run() {
        auto& loop = resources_.loop;
        const auto started = loop.now();
        loop.watch_interrupts([this](int) { interrupt(); });
        suite_timer_ = loop.make_timer([this] { stop("suite timeout"); });
        const double limit =
            static_cast<double>(settings_.timeout.suite.count()) * settings_.timeout.multiplier;
        // Beyond a century the clock would overflow, and nobody waits.
        if (limit < 3e18) suite_timer_->arm(started + Duration(static_cast<std::int64_t>(limit)));
        start_instruments(started);
        io::Scope main;
        main.start(run_workers());
        loop.post([this] { begun_.notify_all(); });
        listener_.on_run_started(*this);
        loop.run();
        listener_.on_run_finished();
        automatic_.reset();
        suite_timer_.reset();
        resources_.retired.clear();
        result_.duration = loop.now() - started;
        result_.margins = std::move(resources_.margins);
        result_.patterns_compiled = patterns_.compiled();
        result_.statistics = std::move(resources_.statistics);
        result_.statistics.tests = result_.duration;
        return std::move(result_);
    }

  private:
    void start_instruments(io::Time started) {
        if (instruments_.trace != nullptr) {
            instruments_.trace->name_process("relux run " + settings_.run_id);
            resources_.trace = &trace_.emplace(*instruments_.trace, resources_.loop, started);
        }
        if (!settings_.automatic_jobs) return;
        automatic_.emplace(
            resources_.loop, instruments_.machine == nullptr ? host_ : *instruments_.machine,
            limits_of(settings_, resources_.slots.capacity()), resources_.statistics.jobs,
            [this] {
                return AutomaticJobs::Tests{static_cast<int>(running_.size()),
                                            tests_.size() - result_.results.size()};
            },
            [this](int jobs) { allow(jobs); });
        resources_.on_round_trip = [this](Duration duration) { automatic_->add_round_trip(duration); };
    }

    io::Task<void> run_workers() {
        // On the loop, so that nothing runs before run() does.
        co_await begun_.wait();
        allow(allowed_);
        co_await workers_.join();
        resources_.loop.stop();
    }

    /// Tests that have not been started.
    bool more() const { return result_.results.size() < tests_.size(); }

    /// So many tests may run at once from now on. Those that run are left alone.
    void allow(int jobs) {
        allowed_ = jobs;
        while (workers_.running() < allowed_ && more())
            workers_.start(work());
        count_running();
    }

    void count_running() {
        if (trace_) trace_->count_tests(running_.size(), allowed_);
    }

    io::Task<void> work() {
        const int slot = take_slot();
        // This worker is one of those that run.
        while (more() && workers_.running() <= allowed_) {
            const auto index = result_.results.size();
            result_.results.emplace_back();
            co_await run_test(index, slot);
        }
        slots_taken_[static_cast<std::size_t>(slot)] = false;
    }

    /// The first that no worker has.
    int take_slot() {
        const auto free = std::find(slots_taken_.begin(), slots_taken_.end(), false);
        const auto slot = free - slots_taken_.begin();
        if (free == slots_taken_.end()) {
            slots_taken_.push_back(true);
        } else {
            *free = true;
        }
        return static_cast<int>(slot);
    }

    io::Task<void> run_test(std::size_t index, int slot) {
        const auto& test = tests_[index];
        auto& result = result_.results[index];
        result.path = test.path;
        result.name = test.name;
        result.log_directory = test.log_directory();
        if (test.module.empty()) {
            result.outcome = OutcomeKind::Invalid;
            result.skip_reason = test.invalid_reason;
        } else if (!test.cached_because.empty()) {
            result.log_directory.clear();
            result.cached_because = test.cached_because;
        } else if (!stopped_because_.empty()) {
            result.outcome = OutcomeKind::Cancelled;
            report::Failure failure;
            failure.kind = report::FailureKind::Cancelled;
            failure.summary = "cancelled (" + stopped_because_ + ")";
            result.failure = std::move(failure);
        } else {
            listener_.on_test_started(test);
            const auto since = resources_.loop.now();
            const auto module = program_.load(test.module);
            resources_.statistics.load += resources_.loop.now() - since;
            if (module) {
                co_await run_attempts(test, **module, result, slot);
            } else {
                result.outcome = OutcomeKind::Invalid;
                result.skip_reason = module.error().message;
            }
        }
        listener_.on_test_finished(test, result);
        if (settings_.fail_fast &&
            (result.outcome == OutcomeKind::Failed || result.outcome == OutcomeKind::Invalid)) {
            stop("fail-fast");
        }
    }

    io::Task<void> run_attempts(const TestCase& test, const exec::LinkedModule& module, TestResult& result,
                                int slot) {
        const auto path = result.path;
        const auto name = result.name;
        const auto log_directory = result.log_directory;
        Duration total{0};
        std::vector<report::FailedAttempt> failed;
        for (int attempt = 0;; ++attempt) {
            result = TestResult();
            result.path = path;
            result.name = name;
            result.log_directory = log_directory;
            result.flaky_retries = attempt;
            auto directory = settings_.run_directory / log_directory;
            if (attempt > 0) directory /= "retry-" + std::to_string(attempt);
            bool flaky = false;
            {
                TestRun run(resources_, test, module, std::move(directory),
                            std::pow(settings_.flaky_multiplier, attempt));
                running_.push_back(&run);
                run.begin_trace(slot, attempt);
                count_running();
                co_await run.run(result, flaky);
                std::erase(running_, &run);
                if (settings_.reports) run.write_report(result, attempt);
                count_running();
            }
            total += result.duration;
            const bool again = flaky && result.outcome == OutcomeKind::Failed &&
                               attempt < settings_.flaky_retries && stopped_because_.empty();
            if (!again) break;
            auto attempt_directory = log_directory;
            if (attempt > 0) attempt_directory += "/retry-" + std::to_string(attempt);
            failed.push_back({std::move(*result.failure), result.duration, std::move(attempt_directory)});
        }
        result.duration = total;
        result.failed_attempts = std::move(failed);
    }

    void interrupt() {
        result_.interrupted = true;
        if (++interrupts_ == 1) return stop("interrupt");
        const auto running = running_;
        for (auto* run : running)
            run->kill();
    }

    void stop(const std::string& why) {
        if (!stopped_because_.empty() && why != "interrupt") return;
        if (stopped_because_.empty()) stopped_because_ = why;
        if (why == "fail-fast" && !settings_.fail_fast_ends_running) return;
        const auto running = running_;  // a test that ends at once leaves the list while we walk it
        for (auto* run : running) {
            if (std::find(running_.begin(), running_.end(), run) != running_.end()) run->cancel(why);
        }
    }

    exec::Program& program_;
    const std::vector<TestCase>& tests_;
    const RunSettings& settings_;
    RunListener& listener_;
    RunInstruments instruments_;
    HostLoad host_;
    std::optional<RunTrace> trace_;
    std::optional<AutomaticJobs> automatic_;
    io::Scope workers_;
    std::vector<bool> slots_taken_;
    int allowed_;  ///< tests at once
    match::PatternCache patterns_;
    PortPool ports_;
    RunResources resources_;
    SuiteResult result_;
    std::vector<TestRun*> running_;
    std::string stopped_because_;
    int interrupts_ = 0;
    std::unique_ptr<io::Timer> suite_timer_;
    io::Signal begun_;
};

}  // namespace

std::string TestCase::log_directory() const {
    if (module.empty()) return {};
    const auto last = slug(name);
    auto directory = std::string(module_logs) + "/" + (last.empty() ? "test" : last);
    if (namesake > 1) directory += "-" + std::to_string(namesake);
    return directory;
}

SuiteResult run_suite(io::Loop& loop, exec::Program& program, const std::vector<TestCase>& tests,
                      const RunSettings& settings, RunListener& listener, const RunInstruments& instruments) {
    SuiteRun suite(loop, program, tests, settings, listener, instruments);
    return suite.run();
}

}  // namespace relux::run

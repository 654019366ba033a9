// See suite.h.
#include "vm/run/suite.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "vm/base/text.h"
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

/// The tests of one run on one loop: `jobs` workers take them in order.
class SuiteRun final : public RunMonitor {
  public:
    SuiteRun(io::Loop& loop, exec::Program& program, const std::vector<TestCase>& tests,
             const RunSettings& settings, RunListener& listener)
        : program_(program),
          tests_(tests),
          settings_(settings),
          listener_(listener),
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
        io::Scope workers;
        io::Scope main;
        main.start(run_workers(workers));
        loop.post([this] { begun_.notify_all(); });
        listener_.on_run_started(*this);
        loop.run();
        listener_.on_run_finished();
        suite_timer_.reset();
        resources_.retired.clear();
        result_.duration = loop.now() - started;
        result_.margins = std::move(resources_.margins);
        result_.patterns_compiled = patterns_.compiled();
        return std::move(result_);
    }

  private:
    io::Task<void> run_workers(io::Scope& workers) {
        // On the loop, so that nothing runs before run() does.
        co_await begun_.wait();
        for (int i = 0; i < settings_.jobs; ++i)
            workers.start(work());
        co_await workers.join();
        resources_.loop.stop();
    }

    io::Task<void> work() {
        while (result_.results.size() < tests_.size()) {
            const auto index = result_.results.size();
            result_.results.emplace_back();
            co_await run_test(index);
        }
    }

    io::Task<void> run_test(std::size_t index) {
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
            if (const auto module = program_.load(test.module)) {
                co_await run_attempts(test, **module, result);
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

    io::Task<void> run_attempts(const TestCase& test, const exec::LinkedModule& module, TestResult& result) {
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
                co_await run.run(result, flaky);
                std::erase(running_, &run);
                if (settings_.reports) run.write_report(result, attempt);
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
                      const RunSettings& settings, RunListener& listener) {
    SuiteRun suite(loop, program, tests, settings, listener);
    return suite.run();
}

}  // namespace relux::run

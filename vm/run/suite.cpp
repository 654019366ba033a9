#include "vm/run/suite.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <future>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "vm/run/automatic_jobs.h"
#include "vm/run/lane.h"
#include "vm/run/run_trace.h"
#include "vm/run/test_slug.h"

namespace relux::run {

namespace {

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
constexpr std::size_t kShellsOfALane = 16;
constexpr std::size_t kUnlimitedShells = std::size_t{kMostTests} * kShellsOfATest;

JobLimits limits_of(const RunSettings& settings, std::size_t shells) {
    const int by_shells = static_cast<int>(std::min<std::size_t>(shells / kShellsOfATest, kMostTests));
    const int most = std::min({settings.jobs * kMostTestsOfACore, by_shells, kMostTests});
    return {settings.jobs, std::max(settings.jobs, most)};
}

/// How long somebody who wants to see what runs waits for the lanes to tell; a search in a lane may take
/// longer.
constexpr auto kPatienceWithLanes = std::chrono::milliseconds(100);

/// The tests of one run: the lanes that run them, all on this thread or each on a thread of its own, and what
/// is decided for all of them. Listeners are called on this thread only.
class SuiteRun final : public RunMonitor, public LaneHost {
  public:
    SuiteRun(io::Loop& loop, exec::Program& program, const std::vector<TestCase>& tests,
             const RunSettings& settings, RunListener& listener, const RunInstruments& instruments)
        : loop_(loop),
          program_(program),
          tests_(tests),
          settings_(settings),
          listener_(listener),
          wants_starts_(listener.wants_starts()),
          instruments_(instruments),
          secrets_(secrets_of(settings, tests)),
          shared_(settings),
          allowed_(settings.jobs) {
        // Never moved; memory that no result uses yet costs nothing.
        result_.results.reserve(tests.size());
        auto& jobs = result_.statistics.jobs;
        jobs.first = jobs.least = jobs.most = jobs.last = settings.jobs;
    }

    std::vector<RunningTest> running() const override;
    io::Loop& loop() const override { return loop_; }

    SuiteResult run();

    // For the lanes, by their threads.
    std::optional<Claimed> claim() override;
    bool more() const override;
    report::Cancellation stopped_because() const override;
    bool starts_shells_early() const override { return allowed_ < settings_.early_shell_jobs; }
    void stop(const report::Cancellation& why) override;
    void count_running(int change) override;
    void on_test_started(const TestCase& test) override;
    void on_test_finished(const Claimed& finished) override;
    void set_working(int lane, bool working) override;

  private:
    struct LaneThread {
        Lane* lane = nullptr;  ///< as long as its loop runs
        std::thread thread;
        bool working = true;  ///< it is told so on this thread, after all that it has told before
    };

    void start_instruments(io::Time started);
    void start_threads();
    void run_lane(std::size_t number, std::size_t count, std::promise<Lane*> made);
    void complete(Lane& lane);
    void add_results(Lane& lane);
    /// Runs it on the lane's thread.
    void tell(const LaneThread& to, std::function<void(Lane&)> what) const;
    void tell_all(const std::function<void(Lane&)>& what) const;
    /// Runs it on this thread.
    void tell_main(std::function<void()> what);
    void allow(int jobs);
    void interrupt(int signal);
    std::size_t most_lanes() const;

    io::Loop& loop_;
    exec::Program& program_;
    const std::vector<TestCase>& tests_;
    const RunSettings& settings_;
    RunListener& listener_;
    const bool wants_starts_;
    RunInstruments instruments_;
    HostLoad host_;
    report::RunSecrets secrets_;
    SharedResources shared_;
    std::optional<RunTrace> trace_;
    std::optional<AutomaticJobs> automatic_;
    std::unique_ptr<Lane> own_lane_;  ///< on this thread, when there are no others
    std::vector<LaneThread> lanes_;
    std::atomic<int> allowed_;  ///< tests at once
    std::unique_ptr<io::Timer> suite_timer_;
    int interrupts_ = 0;

    mutable std::mutex mutex_;
    // Guarded by mutex_ while lanes run.
    SuiteResult result_;
    report::Cancellation stopped_because_;  ///< of all that has not been cancelled otherwise
};

SuiteResult SuiteRun::run() {
    const auto started = loop_.now();
    loop_.watch_interrupts([this](int signal) { interrupt(signal); });
    shared_.pool.on_shortage = [this](const std::string& why) {
        tell_main([this, why] { listener_.on_shortage(why); });
    };
    const double limit = static_cast<double>(settings_.timeout.suite.count()) * settings_.timeout.multiplier;
    suite_timer_ = loop_.make_timer([this, limit] {
        stop({"suite-timeout",
              Duration(static_cast<std::int64_t>(limit)),
              {},
              settings_.timeout.suite_origin});
    });
    // Beyond a century the clock would overflow, and nobody waits.
    if (limit < 3e18) suite_timer_->arm(started + Duration(static_cast<std::int64_t>(limit)));
    start_threads();
    start_instruments(started);
    // On the loop, so that nothing runs before run() does.
    loop_.post([this] { allow(allowed_); });
    listener_.on_run_started(*this);
    loop_.run();
    listener_.on_run_finished();
    automatic_.reset();
    suite_timer_.reset();
    if (own_lane_) add_results(*own_lane_);
    for (auto& lane : lanes_) {
        if (!lane.thread.joinable()) continue;
        lane.lane->loop().post([&loop = lane.lane->loop()] { loop.stop(); });
        lane.thread.join();
    }
    result_.duration = loop_.now() - started;
    result_.statistics.tests = result_.duration;
    result_.statistics.shells_open = shared_.shells.count();
    result_.statistics.shells_at_once = shared_.shells.most();
    return std::move(result_);
}

void SuiteRun::start_instruments(io::Time started) {
    if (instruments_.trace != nullptr) {
        instruments_.trace->name_process("relux run " + settings_.run_id);
        own_lane_->resources().trace = &trace_.emplace(*instruments_.trace, loop_, started);
    }
    if (!settings_.automatic_jobs) return;
    automatic_.emplace(
        loop_, instruments_.machine == nullptr ? host_ : *instruments_.machine,
        limits_of(settings_, shared_.pool.capacity()), result_.statistics.jobs,
        [this] {
            const std::lock_guard lock(mutex_);
            return AutomaticJobs::Tests{shared_.tests_running.load(), tests_.size() - result_.results.size()};
        },
        [this](int jobs) { allow(jobs); });
}

// Lanes

/// A trace is in one order, so it comes from one thread. Each loop needs some descriptors for itself, so
/// where they are few one has to do.
std::size_t SuiteRun::most_lanes() const {
    if (instruments_.trace != nullptr) return 1;
    const auto jobs = settings_.automatic_jobs ? limits_of(settings_, kUnlimitedShells).most : settings_.jobs;
    const auto shells = static_cast<int>(shared_.pool.capacity() / kShellsOfALane);
    return static_cast<std::size_t>(std::max(1, std::min({settings_.threads, jobs, shells})));
}

void SuiteRun::complete(Lane& lane) {
    auto& resources = lane.resources();
    resources.secrets = secrets_;
    resources.on_output = [this](const TestCase& test, std::string_view text) {
        if (own_lane_) return listener_.on_output(test, text);
        tell_main([this, &test, shown = std::string(text)] { listener_.on_output(test, shown); });
    };
    if (settings_.automatic_jobs)
        resources.on_round_trip = [this](Duration duration) {
            if (automatic_) automatic_->add_round_trip(duration);
        };
}

/// Where another loop can't be made, the lanes that there are run everything.
void SuiteRun::start_threads() {
    const auto count = most_lanes();
    for (std::size_t number = 0; count > 1 && number < count; ++number) {
        std::promise<Lane*> made;
        auto lane = made.get_future();
        std::thread thread([this, number, count, promise = std::move(made)]() mutable {
            run_lane(number, count, std::move(promise));
        });
        auto* made_lane = lane.get();
        if (made_lane == nullptr) {
            thread.join();
            break;
        }
        lanes_.push_back({made_lane, std::move(thread), true});
    }
    if (!lanes_.empty()) return;
    own_lane_ = std::make_unique<Lane>(*this, program_, settings_, loop_, shared_, 0, 1);
    complete(*own_lane_);
    lanes_.push_back({own_lane_.get(), {}, true});
}

void SuiteRun::run_lane(std::size_t number, std::size_t count, std::promise<Lane*> made) {
    auto loop = loop_.make_loop_beside();
    if (!loop) return made.set_value(nullptr);
    {
        Lane lane(*this, program_, settings_, **loop, shared_, static_cast<int>(number),
                  static_cast<int>(count));
        complete(lane);
        made.set_value(&lane);
        (*loop)->run();
        add_results(lane);
    }
}

void SuiteRun::add_results(Lane& lane) {
    lane.finish();
    const std::lock_guard lock(mutex_);
    result_.margins.add(std::move(lane.resources().margins));
    result_.patterns_compiled += lane.patterns().compiled();
    result_.statistics.add_tests(lane.resources().statistics);
}

void SuiteRun::tell(const LaneThread& to, std::function<void(Lane&)> what) const {
    if (own_lane_) return what(*to.lane);
    to.lane->loop().post([lane = to.lane, what = std::move(what)] { what(*lane); });
}

void SuiteRun::tell_all(const std::function<void(Lane&)>& what) const {
    for (const auto& lane : lanes_)
        tell(lane, what);
}

void SuiteRun::tell_main(std::function<void()> what) {
    if (own_lane_) return what();
    loop_.post(std::move(what));
}

/// So many tests may run at once from now on, shared out evenly.
void SuiteRun::allow(int jobs) {
    allowed_ = jobs;
    const auto count = static_cast<int>(lanes_.size());
    for (int number = 0; number < count; ++number) {
        const int share = jobs / count + (number < jobs % count ? 1 : 0);
        tell(lanes_[static_cast<std::size_t>(number)], [share](Lane& lane) { lane.allow(share); });
    }
    if (trace_) trace_->count_tests(static_cast<std::size_t>(shared_.tests_running.load()), allowed_);
}

std::vector<RunningTest> SuiteRun::running() const {
    if (own_lane_) return own_lane_->running();
    struct Answers {
        std::mutex mutex;
        std::condition_variable complete;
        std::vector<std::vector<RunningTest>> of_lanes;
        std::size_t missing = 0;
    };
    const auto answers = std::make_shared<Answers>();
    answers->of_lanes.resize(lanes_.size());
    answers->missing = lanes_.size();
    for (std::size_t number = 0; number < lanes_.size(); ++number) {
        tell(lanes_[number], [answers, number](Lane& lane) {
            auto tests = lane.running();
            const std::lock_guard lock(answers->mutex);
            answers->of_lanes[number] = std::move(tests);
            if (--answers->missing == 0) answers->complete.notify_one();
        });
    }
    std::unique_lock lock(answers->mutex);
    answers->complete.wait_for(lock, kPatienceWithLanes, [&] { return answers->missing == 0; });
    std::vector<RunningTest> tests;
    for (auto& of_lane : answers->of_lanes)
        std::move(of_lane.begin(), of_lane.end(), std::back_inserter(tests));
    std::stable_sort(tests.begin(), tests.end(), [](const RunningTest& one, const RunningTest& other) {
        return one.elapsed > other.elapsed;
    });
    return tests;
}

// Answers to lanes

std::optional<LaneHost::Claimed> SuiteRun::claim() {
    const std::lock_guard lock(mutex_);
    const auto next = result_.results.size();
    if (next == tests_.size()) return std::nullopt;
    return Claimed{&tests_[next], &result_.results.emplace_back()};
}

bool SuiteRun::more() const {
    const std::lock_guard lock(mutex_);
    return result_.results.size() < tests_.size();
}

report::Cancellation SuiteRun::stopped_because() const {
    const std::lock_guard lock(mutex_);
    return stopped_because_;
}

void SuiteRun::count_running(int change) {
    shared_.tests_running += change;
    if (trace_) trace_->count_tests(static_cast<std::size_t>(shared_.tests_running.load()), allowed_);
}

void SuiteRun::on_test_started(const TestCase& test) {
    if (wants_starts_) tell_main([this, &test] { listener_.on_test_started(test); });
}

void SuiteRun::on_test_finished(const Claimed& finished) {
    tell_main([this, finished] { listener_.on_test_finished(*finished.test, *finished.result); });
}

void SuiteRun::set_working(int lane, bool working) {
    tell_main([this, lane, working] {
        lanes_[static_cast<std::size_t>(lane)].working = working;
        const bool some =
            std::any_of(lanes_.begin(), lanes_.end(), [](const LaneThread& of) { return of.working; });
        if (!some && !more()) loop_.stop();
    });
}

void SuiteRun::interrupt(int signal) {
    // A limit that has been reached is told again with every write, or every second; nobody is impatient.
    if ((signal == SIGXFSZ || signal == SIGXCPU) && interrupts_ > 0) return;
    result_.interrupted = true;
    if (++interrupts_ == 1) {
        listener_.on_interrupted();
        return stop({"sigint", {}, {}});
    }
    tell_all([](Lane& lane) { lane.kill(); });
}

void SuiteRun::stop(const report::Cancellation& why) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_because_.cancelled() && why.reason != "sigint") return;
        if (!stopped_because_.cancelled()) stopped_because_ = why;
    }
    if (why.reason == "fail-fast" && !settings_.fail_fast_ends_running) return;
    tell_all([why](Lane& lane) { lane.cancel(why); });
}

}  // namespace

std::string TestCase::slug() const {
    return name.empty() ? std::string() : run::slug(name, namesake);
}

std::string TestCase::log_directory() const {
    if (module.empty()) return {};
    return std::string(module_logs) + "/" + slug();
}

SuiteResult run_suite(io::Loop& loop, exec::Program& program, const std::vector<TestCase>& tests,
                      const RunSettings& settings, RunListener& listener, const RunInstruments& instruments) {
    SuiteRun suite(loop, program, tests, settings, listener, instruments);
    return suite.run();
}

}  // namespace relux::run

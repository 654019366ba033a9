// One attempt at one test: the objects that its shells, effects and cleanups share, each with a job of its
// own. It knows nothing of scheduling.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/timeout.h"
#include "vm/exec/shell_need.h"
#include "vm/io/loop.h"
#include "vm/report/outcome.h"
#include "vm/report/secrets.h"
#include "vm/run/activity.h"
#include "vm/run/attempt_shells.h"
#include "vm/run/attempt_statistics.h"
#include "vm/run/base_environment.h"
#include "vm/run/event_recorder.h"
#include "vm/run/failure_latch.h"
#include "vm/run/interpreter_host.h"
#include "vm/run/run_resources.h"

namespace relux::run {

class ChunkRun;

class AttemptContext {
  public:
    /// `layer` is as TestCase::environment; `attempt`, from 0, keeps the processes of tries apart.
    AttemptContext(RunResources& resources, std::filesystem::path log_directory, double attempt_multiplier,
                   const EnvironmentLayer* layer = nullptr, int attempt = 0);
    AttemptContext(const AttemptContext&) = delete;
    AttemptContext& operator=(const AttemptContext&) = delete;

    RunResources& resources() { return resources_; }
    io::Loop& loop() { return resources_.loop; }
    const RunSettings& settings() const { return resources_.settings; }
    const std::filesystem::path& log_directory() const { return shells_.log_directory(); }

    BaseEnvironment& environment() { return environment_; }
    report::Secrets& secrets() { return secrets_; }
    const report::Secrets& secrets() const { return secrets_; }
    /// Names that stand in what its shells were sent; empty unless RunSettings::notes_sends.
    report::SentNames& sent_names() { return sent_names_; }
    EventRecorder& recorder() { return recorder_; }
    const EventRecorder& recorder() const { return recorder_; }
    Activity& activity() { return activity_; }
    FailureLatch& latch() { return latch_; }
    const FailureLatch& latch() const { return latch_; }
    InterpreterHost& host() { return host_; }
    AttemptShells& shells() { return shells_; }
    AttemptStatistics& statistics() { return statistics_; }

    /// The multiplier of tolerances: `-m` times that of the flaky attempt.
    double multiplier() const { return multiplier_; }
    /// Returns what a time-out of this attempt comes to.
    Duration effective(const Timeout& timeout) const { return timeout.effective(multiplier_); }
    Duration scale(Duration tolerance) const { return effective({TimeoutKind::Tolerance, tolerance}); }

    /// Fails the attempt, unless it has failed, where the shell of `failure` is.
    void fail(report::Failure failure);
    /// From here on all that is recorded goes to the trace of the run too, if there is one. `path` and `name`
    /// are those of the test, and outlive this.
    void begin_trace(int slot, const std::string& path, const std::string& name, int attempt);

    /// The shells that the test needs, all that it starts included.
    exec::ShellNeed shell_need;

    /// Lists what runs at this moment, outermost first; for the chain of a failure that comes from outside.
    std::vector<ChunkRun*> chunk_runs;

  private:
    report::EventPlace place_of(const report::Failure& failure) const;

    RunResources& resources_;
    const double multiplier_;
    BaseEnvironment environment_;
    report::Secrets secrets_;
    report::SentNames sent_names_;
    EventRecorder recorder_;
    Activity activity_;
    FailureLatch latch_;
    InterpreterHost host_;
    AttemptShells shells_;
    AttemptStatistics statistics_;
};

}  // namespace relux::run

// Keeps the first failure of an attempt and stops the attempt for it. Later failures are consequences.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vm/report/event_log.h"
#include "vm/report/outcome.h"
#include "vm/run/activity.h"
#include "vm/run/event_recorder.h"

namespace relux::run {

class FailureLatch {
  public:
    /// Both outlive it. `activity` is stopped by the failure.
    FailureLatch(EventRecorder& recorder, Activity& activity) : recorder_(recorder), activity_(activity) {}
    FailureLatch(const FailureLatch&) = delete;
    FailureLatch& operator=(const FailureLatch&) = delete;

    /// Records the first failure, at `place`, and stops the attempt; later ones are dropped.
    void fail(report::Failure failure, report::EventPlace place);
    /// More is known about the failure that there is: its first line and the output that it shows.
    void amend(const report::Failure& failure);
    /// Called once, when the failure is there and before anything has been stopped.
    std::function<void()> on_failed;
    const std::optional<report::Failure>& failure() const { return failure_; }
    /// More is known about the state of its shell.
    void add_to_shell_state(std::string_view more) { failure_->shell_state += more; }
    /// Adds a sentence to the failure that there is.
    void explain(std::string sentence) { failure_->notes.push_back(std::move(sentence)); }
    /// Somebody wants the run to end, or the next attempt waits: explaining must not take time any more.
    bool interrupted() const { return interrupted_; }
    void interrupt() { interrupted_ = true; }

  private:
    EventRecorder& recorder_;
    Activity& activity_;
    std::optional<report::Failure> failure_;
    std::uint32_t event_ = 0;  ///< that has told the failure; 0: it was a cancellation
    bool interrupted_ = false;
};

}  // namespace relux::run

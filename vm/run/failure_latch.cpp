#include "vm/run/failure_latch.h"

#include "vm/base/assert.h"

namespace relux::run {

void FailureLatch::fail(report::Failure failure, report::EventPlace place) {
    if (failure_) return;
    if (failure.span) place.span = *failure.span;
    if (const auto& why = failure.cancellation; why.cancelled()) {
        recorder_.record(
            place,
            events::Cancelled{.reason = why.reason, .duration = why.limit, .trigger_test = why.trigger_test});
    } else {
        event_ = recorder_.record(place, events::Failed{.message = failure.summary});
    }
    recorder_.progress("x");
    failure_ = std::move(failure);
    if (on_failed) on_failed();
    activity_.stop();
}

void FailureLatch::amend(const report::Failure& failure) {
    RELUX_ASSERT(failure_, "what is amended is there");
    failure_->summary = failure.summary;
    failure_->message = failure.message;
    failure_->output_tail = failure.output_tail;
    failure_->output_omitted = failure.output_omitted;
    recorder_.amend(event_, events::FailedFields::message, failure.summary);
}

}  // namespace relux::run

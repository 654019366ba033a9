#include "vm/run/shell_late_look.h"

#include "vm/run/shell_patience.h"

namespace relux::run {

void LateLook::begin(const match::Matcher& matcher, const Deadline& deadline) {
    const auto until = add(deadline.at, deadline.at - deadline.start);
    timed_out_.emplace(TimedOut{matcher, deadline.at, until, output_.buffer().end()});
}

void LateLook::arrived() {
    const auto now = output_.last_arrival();
    if (timed_out_ && now <= timed_out_->listen_until)
        timed_out_->arrivals.push_back({output_.buffer().end(), now});
}

std::optional<Duration> LateLook::lateness() {
    if (!timed_out_ || timed_out_->arrivals.empty()) return std::nullopt;
    auto& matcher = timed_out_->matcher;
    const auto state = output_.look(matcher, ShellOutput::Settle::Now, timed_out_->listen_until);
    if (state != match::Matcher::State::Matched) return std::nullopt;
    const auto end = matcher.found().groups[0].end;
    // Only the end of the output has made a match of it.
    if (end <= timed_out_->seen) return std::nullopt;
    for (const auto& arrival : timed_out_->arrivals) {
        if (arrival.end >= end) return arrival.at - timed_out_->at;
    }
    return std::nullopt;
}

}  // namespace relux::run

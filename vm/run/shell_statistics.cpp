// See shell.h: what a shell adds to the statistics of the run. Only sums; nothing here decides anything.
#include "vm/run/shell.h"

namespace relux::run {

void Shell::count_output(std::size_t bytes) {
    auto& resources = test_.resources();
    resources.statistics.bytes_received += bytes;
    if (!unanswered_since_) return;
    const auto round_trip = last_output_ - *std::exchange(unanswered_since_, std::nullopt);
    resources.statistics.round_trips.record(round_trip);
    if (resources.on_round_trip) resources.on_round_trip(round_trip);
}

void Shell::count_work(report::ShellWork work, io::Time since) {
    test_.resources().statistics.of(work).add(test_.loop().now() - since);
}

void Shell::count_wait() {
    // That of the prompt is part of the start, that of a reader part of sending.
    if (waiting_.kind == Wait::None || waiting_.kind == Wait::Prompt || waiting_.kind == Wait::Reader) return;
    const auto duration = test_.loop().now() - waiting_.since;
    const bool sleeps = waiting_.kind == Wait::Sleep;
    const auto work = sleeps ? report::ShellWork::Sleeping : report::ShellWork::Waiting;
    test_.resources().statistics.of(work).add(duration);
    if (!test_.notes_wait(duration)) return;
    report::SlowWait wait;
    wait.duration = duration;
    wait.what = sleeps                              ? "sleep"
                : waiting_.kind == Wait::MultiMatch ? "several patterns"
                                                    : std::string(waiting_.text);
    if (statement_file_ != nullptr) wait.place = *statement_file_ + ":" + std::to_string(statement_line_);
    wait.shell = name_;
    test_.note_wait(std::move(wait));
}

}  // namespace relux::run

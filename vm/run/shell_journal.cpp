#include "vm/run/shell_journal.h"

#include <functional>

#include "vm/base/text.h"
#include "vm/io/until_done.h"
#include "vm/run/shell_patience.h"

namespace relux::run {

ShellJournal::ShellJournal(AttemptContext& test, std::string name, std::string log_name)
    : test_(test),
      name_(std::move(name)),
      log_name_(std::move(log_name)),
      number_(test.recorder().add_shell(name_, log_name_)) {}

report::EventPlace ShellJournal::place() const {
    report::EventPlace place;
    place.span = span_;
    place.shell = number_;
    place.module = module_;
    place.line = statement_.line;
    place.column = span_of_statement_.column;
    place.end_column = span_of_statement_.end_column;
    return place;
}

report::EventPlace ShellJournal::place_of_block() const {
    auto at = place();
    at.span = block_;
    return at;
}

// Logs and traces

void ShellJournal::open_log() {
    report::WorkBeside beside = [&loop = test_.loop()](std::function<void()> work,
                                                       std::function<void()> done) {
        loop.write_beside(std::move(work), std::move(done));
    };
    auto log = report::ShellLog::open(test_.log_directory(), log_name_, &test_.secrets(), std::move(beside));
    if (log) {
        log_ = std::move(*log);
    } else {
        warn("shell '" + name_ + "' has no log: " + log.error().message);
    }
}

io::Task<void> ShellJournal::close_log() {
    if (!log_) co_return;
    Status closed = Done{};
    co_await io::until_done([this, &closed](std::function<void()> done) {
        log_->close([&closed, done = std::move(done)](Status status) {
            closed = std::move(status);
            done();
        });
    });
    if (!closed) warn("log of shell '" + name_ + "': " + closed.error().message);
    log_.reset();
}

void ShellJournal::begin_send(std::string_view text) {
    if (auto* trace = test_.recorder().trace()) trace->begin_send(place(), text);
}

void ShellJournal::sent(std::string_view bytes, bool newline, io::Time now) {
    if (log_) log_->sent(bytes, test_.recorder().elapsed());
    record(events::Send{.data = bytes.substr(0, bytes.size() - (newline ? 1 : 0))});
    auto& statistics = test_.resources().statistics;
    ++statistics.sends;
    statistics.bytes_sent += bytes.size();
    if (!unanswered_since_) unanswered_since_ = now;
}

void ShellJournal::received(std::string_view bytes, io::Time now) {
    auto& resources = test_.resources();
    resources.statistics.bytes_received += bytes.size();
    if (unanswered_since_) {
        const auto round_trip = now - *std::exchange(unanswered_since_, std::nullopt);
        resources.statistics.round_trips.record(round_trip);
        if (resources.on_round_trip) resources.on_round_trip(round_trip);
    }
    if (log_) log_->received(bytes, test_.recorder().elapsed());
}

void ShellJournal::ended() {
    if (auto* trace = test_.recorder().trace()) trace->shell_ended(number_);
}

// Statistics

void ShellJournal::count_work(report::ShellWork work, io::Time since) {
    test_.resources().statistics.of(work).add(test_.loop().now() - since);
}

void ShellJournal::count_match(const Deadline& deadline, bool timed_out) {
    auto& statistics = test_.resources().statistics;
    ++(timed_out ? statistics.timeouts : statistics.matches);
    if (statement_.file == nullptr) return;
    const auto elapsed = test_.loop().now() - deadline.start;
    test_.resources().margins.record(*statement_.file, statement_.line, elapsed, deadline.at - deadline.start,
                                     deadline.timeout.value.written, deadline.timeout.value.is_assertion(),
                                     timed_out);
}

void ShellJournal::count_wait() {
    using Kind = ShellWaiting::Kind;
    // A wait for the prompt is part of the start, one for a reader part of sending.
    if (waiting_.kind == Kind::Nothing || waiting_.kind == Kind::Prompt || waiting_.kind == Kind::Reader)
        return;
    const auto duration = test_.loop().now() - waiting_.since;
    const bool sleeps = waiting_.kind == Kind::Sleep;
    const auto work = sleeps ? report::ShellWork::Sleeping : report::ShellWork::Waiting;
    test_.resources().statistics.of(work).add(duration);
    if (!test_.statistics().wants_wait(duration)) return;
    report::SlowWait wait;
    wait.duration = duration;
    wait.what = sleeps                              ? "sleep"
                : waiting_.kind == Kind::MultiMatch ? "several patterns"
                                                    : std::string(waiting_.text);
    if (statement_.file != nullptr) wait.place = place_text(*statement_.file, statement_.line);
    wait.shell = name_;
    test_.statistics().add_wait(std::move(wait));
}

// Waits

std::string ShellJournal::waiting_for(const io::ShellIo* process) const {
    using Kind = ShellWaiting::Kind;
    std::string text;
    switch (waiting_.kind) {
        case Kind::Nothing:
            return text;
        case Kind::Prompt:
            text = "waiting for its prompt `" + visible(waiting_.text, false) + "`";
            break;
        case Kind::Match:
            text = "waiting for " + visible(waiting_.text, false);
            break;
        case Kind::Reader:
            text = "waiting for `" + visible(process->foreground(), false) + "` to read `" +
                   visible(waiting_.text, false) + "`";
            break;
        case Kind::MultiMatch:
            text = "waiting for the patterns of a multimatch";
            break;
        case Kind::Sleep:
            text = "sleeping";
            break;
    }
    const auto now = test_.loop().now();
    text += ", " + describe_measured(now - waiting_.since);
    if (waiting_.until != kNever) text += " of " + describe_duration(waiting_.until - waiting_.since);
    return text;
}

}  // namespace relux::run

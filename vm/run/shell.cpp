// See shell.h: the life of a shell and its terminal. What is sent to it is in shell_send.cpp, matching in
// shell_match.cpp and shell_prompt.cpp.
#include "vm/run/shell.h"

#include <algorithm>
#include <utility>

#include "vm/base/text.h"
#include "vm/io/until_done.h"
#include "vm/run/shell_patience.h"

namespace relux::run {

namespace {

/// Between hang-up and kill.
constexpr Duration kEndGrace = std::chrono::seconds(1);
/// How many statements, and ranges of them, have a number.
constexpr std::size_t kSendersKept = 1000;
/// Of unread output, while a match waits: as much as the explanation of a time-out looks at (near_miss.cpp).
constexpr match::Position kUnreadKept = 1 << 20;
/// How many moves of the cursor are remembered for near misses.
constexpr std::size_t kConsumptions = 64;
}  // namespace

Shell::Shell(AttemptContext& test, Activity& activity, ShellPurpose purpose, std::string name,
             std::string log_name, std::vector<std::string> environment)
    : test_(test),
      activity_(activity),
      purpose_(purpose),
      own_name_(name),
      name_(std::move(name)),
      log_name_(std::move(log_name)),
      environment_(std::move(environment)),
      number_(test.add_shell(name_, log_name_)),
      buffer_(test.settings().shell.buffer_limit, &test.resources().shared.memory),
      wanted_(kNever),
      prompts_(test.settings().shell.prompt) {
    const auto& timeouts = test.settings().timeout;
    timeout_ = ShellTimeout{false, timeouts.match, timeouts.match_origin, {}};
    timer_ = test.loop().make_timer([this] { on_timer(); });
    settle_timer_ = test.loop().make_timer([this] {
        if (fail_pattern_) scan_fail_pattern(is_quiet(test_.loop().now()));
    });
    activity_.join(*this);
}

Shell::~Shell() {
    abandon_fail_search();
    activity_.leave(*this);
    if (io_) test_.resources().retire(std::move(io_));
    note_closed();
}

report::EventPlace Shell::place() const {
    report::EventPlace place;
    place.span = span_;
    place.shell = number_;
    place.module = module_;
    place.line = statement_line_;
    place.column = statement_span_.column;
    place.end_column = statement_span_.end_column;
    return place;
}

// Waiting

void Shell::wake_at(io::Time until) {
    wanted_ = until;
    if (until == kNever || (timer_->armed() && timer_at_ <= until)) return;
    timer_at_ = until;
    timer_->arm(until);
}

void Shell::on_timer() {
    if (wanted_ == kNever) return;
    if (test_.loop().now() < wanted_) return wake_at(wanted_);
    wake();
}

void Shell::wake() {
    wanted_ = kNever;
    changed_.notify_all();
}

bool Shell::output_is_over() {
    if (!buffer_.closed() && exit_status_ && test_.loop().now() - exited_at_ >= kOrphanedTerminal)
        buffer_.close();
    return buffer_.closed();
}

bool Shell::is_quiet(io::Time now) const {
    return now - last_output_ >= kSettleTime && (io_ == nullptr || !io_->output_waits());
}

io::Time Shell::quiet_at(io::Time now) const {
    // What waits is read in the next turn of the loop.
    constexpr Duration kTurn = std::chrono::milliseconds(1);
    return std::max(add(last_output_, kSettleTime), add(now, kTurn));
}

// Callbacks of the terminal

void Shell::on_output(std::string_view bytes) {
    last_output_ = test_.loop().now();
    count_output(bytes.size());
    if (log_) log_->received(bytes, test_.elapsed());
    const auto offset = static_cast<std::int64_t>(buffer_.end());
    if (const auto dropped = buffer_.append(bytes); dropped > 0) {
        test_.record(report::EventKind::Log, place(),
                     {"output buffer full: " + std::to_string(dropped) + " unread bytes dropped"});
        const auto begin = static_cast<std::int64_t>(buffer_.cursor());
        test_.record(report::EventKind::BufferDropped, place(),
                     {begin - static_cast<std::int64_t>(dropped), begin});
    }
    test_.record_output(place(), bytes);
    if (open_line_) open_line_->add(bytes);
    buffer_seq_ = test_.record(report::EventKind::BufferGrew, place(),
                               {offset, static_cast<std::int64_t>(buffer_.end())});
    if (fail_pattern_) scan_fail_pattern(false);
    if (timed_out_ && last_output_ <= timed_out_->listen_until)
        timed_out_->arrivals.push_back({buffer_.end(), last_output_});
    release_output();
    wake();
}

void Shell::on_output_closed() {
    buffer_.close();
    if (fail_pattern_) scan_fail_pattern(true);
    wake();
}

void Shell::on_exit(io::ExitStatus status) {
    exit_status_ = status;
    exited_at_ = test_.loop().now();
    wake();
}

void Shell::release_output() {
    match::Position needed = buffer_.cursor();
    if (fail_pattern_) needed = std::min(needed, fail_pattern_->matcher.needs_from());
    buffer_.release(needed);
}

void Shell::let_go(match::Position needed) {
    const auto unread = buffer_.end() - buffer_.cursor();
    if (unread < 2 * kUnreadKept) return;
    const auto to = std::min(needed, buffer_.end() - kUnreadKept);
    if (to <= buffer_.cursor()) return;
    let_go_ += to - buffer_.cursor();
    buffer_.consume(to);
    release_output();
}

// Failures

void Shell::describe_output(ShellFailure& failure) const {
    const auto unread = buffer_.unread();
    const auto shown = std::min(unread.size(), kOutputTail);
    failure.shell = name_;
    failure.output_tail = unread.substr(unread.size() - shown);
    failure.output_omitted = unread.size() - shown + let_go_;
    if (buffer_.dropped() > 0) {
        const bool of_the_run = buffer_.ran_out_of_budget();
        failure.notes.push_back((of_the_run ? "the output of all shells filled the memory of the run: "
                                            : "the output buffer was full: ") +
                                std::to_string(buffer_.dropped()) + " unread bytes were dropped; raise " +
                                (of_the_run ? "[run] memory_limit" : "[shell] buffer_limit") +
                                ", or match earlier");
    }
}

std::string Shell::waiting_for() const {
    std::string text;
    switch (waiting_.kind) {
        case Wait::None:
            return text;
        case Wait::Prompt:
            text = "waiting for its prompt `" + visible(waiting_.text, false) + "`";
            break;
        case Wait::Match:
            text = "waiting for " + visible(waiting_.text, false);
            break;
        case Wait::Reader:
            text = "waiting for `" + visible(io_->foreground(), false) + "` to read `" +
                   visible(waiting_.text, false) + "`";
            break;
        case Wait::MultiMatch:
            text = "waiting for the patterns of a multimatch";
            break;
        case Wait::Sleep:
            text = "sleeping";
            break;
    }
    const auto now = test_.loop().now();
    text += ", " + format_elapsed(now - waiting_.since);
    if (waiting_.until != kNever) text += " of " + format_duration(waiting_.until - waiting_.since);
    return text;
}

void Shell::fail(report::FailureKind kind, std::string summary) {
    failure_.emplace();
    failure_->kind = kind;
    failure_->summary = std::move(summary);
    failure_->span = span_;
    describe_output(*failure_);
}

io::Task<void> Shell::fail_exited() {
    // The terminal closes a moment before the process can be waited for.
    const auto patience = add(test_.loop().now(), std::chrono::seconds(1));
    while (!exit_status_ && test_.loop().now() < patience && !activity_.stopped()) {
        wake_at(patience);
        co_await changed_.wait();
    }
    std::string how = "closed its terminal";
    if (exit_status_) {
        how = "exited unexpectedly ";
        how += exit_status_->signalled ? "by signal " : "with exit code ";
        how += std::to_string(exit_status_->code);
    }
    fail(report::FailureKind::ShellExited, "shell '" + name_ + "' " + how);
    if (exit_status_ && !exit_status_->signalled) failure_->exit_code = exit_status_->code;
}

void Shell::add_timeout(const Deadline& deadline) {
    report::AppliedTimeout applied;
    applied.assertion = deadline.timeout.assertion;
    applied.written = deadline.timeout.written;
    applied.multiplier = deadline.timeout.assertion ? 1.0 : test_.multiplier();
    applied.effective = deadline.timeout.assertion ? applied.written : test_.scale(applied.written);
    applied.origin = deadline.timeout.origin;
    failure_->timeout = std::move(applied);
}

void Shell::record_margin(const Deadline& deadline, bool timed_out) {
    auto& statistics = test_.resources().statistics;
    ++(timed_out ? statistics.timeouts : statistics.matches);
    if (statement_file_ == nullptr) return;
    const auto elapsed = test_.loop().now() - deadline.start;
    test_.resources().margins.record(*statement_file_, statement_line_, elapsed, deadline.at - deadline.start,
                                     deadline.timeout.written, deadline.timeout.assertion, timed_out);
}

// Start and end

io::Task<bool> Shell::start() {
    const auto& settings = test_.settings().shell;
    const auto since = test_.loop().now();
    test_.record(report::EventKind::ShellSpawn, place(), {name_, settings.command[0]});
    test_.progress("|");
    report::WorkBeside beside = [&loop = test_.loop()](std::function<void()> work,
                                                       std::function<void()> done) {
        loop.write_beside(std::move(work), std::move(done));
    };
    auto log = report::ShellLog::open(test_.log_directory(), log_name_, &test_.secrets(), std::move(beside));
    if (log) {
        log_ = std::move(*log);
    } else {
        test_.warn("shell '" + name_ + "' has no log: " + log.error().message);
    }
    if (test_.settings().notes_sends)
        sent_lines_ = std::make_unique<SentLines>(environment_, test_.secrets(), test_.sent_names());
    bool good = co_await open();
    if (good) good = co_await find_prompt();
    count_work(report::ShellWork::Starting, since);
    if (good) test_.record(report::EventKind::ShellReady, place(), {name_});
    co_return good;
}

void Shell::kill() {
    if (io_ && ending_) io_->end(Duration(0));
}

io::Task<void> Shell::end(bool now) {
    if (ended_ || !io_) co_return;
    co_await await_line();
    if (!test_.interrupted()) close_line();
    ending_ = true;
    const auto since = test_.loop().now();
    auto at = place();
    at.span = block_;
    test_.record(report::EventKind::ShellTerminate, at, {name_});
    io_->end(now ? Duration(0) : kEndGrace);
    while (!io_->ended())
        co_await changed_.wait();
    ended_ = true;
    close_line();
    count_work(report::ShellWork::Ending, since);
    if (auto* trace = test_.trace()) trace->shell_ended(number_);
    note_leftovers();
    if (sent_lines_) sent_lines_->finish();
    timer_->disarm();
    settle_timer_->disarm();
    co_await close_log();
    test_.resources().retire(std::move(io_));
    note_closed();
}

io::Task<void> Shell::close_log() {
    if (!log_) co_return;
    Status closed = Done{};
    co_await io::until_done([this, &closed](std::function<void()> done) {
        log_->close([&closed, done = std::move(done)](Status status) {
            closed = std::move(status);
            done();
        });
    });
    if (!closed) test_.warn("log of shell '" + name_ + "': " + closed.error().message);
    log_.reset();
}

void Shell::note_leftovers() {
    const auto note = [this](const io::LeftProcess& left, const char* what) {
        auto text = std::to_string(left.pid) + " " + visible(left.command_line, false) + sender_of(left);
        test_.warn("shell '" + name_ + "' left " + what + ": " + text);
        leftovers_.push_back({std::move(text)});
    };
    const auto& killed = io_->killed();
    for (const auto& left : killed)
        note(left, "a process that had to be killed");
    // Services that are started as daemons, for their test to end, are none of our business by default.
    if (!test_.settings().leftover_fails) return;
    for (const auto& daemon : io_->daemons()) {
        const bool told = std::any_of(killed.begin(), killed.end(),
                                      [&daemon](const auto& left) { return left.pid == daemon.pid; });
        if (!told) note(daemon, "a daemon");
    }
}

namespace {

std::string range_text(const std::string& first, const std::string& last, const char* one) {
    if (first == last) return one + last;
    return ", started between " + first + " and " + last;
}

}  // namespace

std::string Shell::sender_of(const io::LeftProcess& left) const {
    if (left.statement == 0 || left.statement > senders_.size())
        return senders_before(test_.loop().now() - left.age);
    const Sender& sender = senders_[left.statement - 1];
    return range_text(place_text(*sender.first_file, sender.first_line),
                      place_text(*sender.last_file, sender.last_line), ", started by the statement at ");
}

std::string Shell::senders_before(io::Time started) const {
    constexpr Duration kTick = std::chrono::milliseconds(10);
    const Sent* first = nullptr;
    const Sent* last = nullptr;
    for (const auto& sent : sent_) {
        if (sent.file == nullptr || sent.at > started) continue;
        if (last == nullptr || sent.at >= last->at) last = &sent;
        if (sent.at <= started - kTick && (first == nullptr || sent.at >= first->at)) first = &sent;
    }
    if (last == nullptr) return {};
    if (first == nullptr) first = last;
    return range_text(place_text(*first->file, first->line), place_text(*last->file, last->line),
                      ", started while the statement was the last at ");
}

std::uint32_t Shell::number_of(const Sender& sender) {
    // Most often the same as before, or the one after that.
    const auto size = static_cast<std::uint32_t>(senders_.size());
    for (const std::uint32_t number : {last_sender_, last_sender_ + 1}) {
        if (number >= 1 && number <= size && senders_[number - 1] == sender) return number;
    }
    if (size == kSendersKept) {
        const auto known = sender_numbers_.find(sender);
        return known == sender_numbers_.end() ? 0 : known->second;
    }
    const auto [known, is_new] = sender_numbers_.try_emplace(sender, size + 1);
    if (is_new) senders_.push_back(sender);
    return known->second;
}

void Shell::set_sender() {
    if (statement_file_ == nullptr) return;
    Sender sender{statement_file_, statement_file_, statement_line_, statement_line_};
    // What the statement before has begun may be going on.
    if (!io_->reader_waits() && last_sender_ != 0) {
        sender.first_file = senders_[last_sender_ - 1].first_file;
        sender.first_line = senders_[last_sender_ - 1].first_line;
    }
    const std::uint32_t number = number_of(sender);
    io_->set_statement(number);
    last_sender_ = number;
}

io::Task<bool> Shell::sleep(Duration duration) {
    const auto now = test_.loop().now();
    const auto until = add(now, duration);
    const WaitGuard waiting(*this, {Wait::Sleep, {}, now, until});
    test_.record(report::EventKind::SleepStart, place(), {duration});
    while (!activity_.stopped() && test_.loop().now() < until) {
        wake_at(until);
        co_await changed_.wait();
    }
    test_.record(report::EventKind::SleepDone, place(), {});
    co_return !activity_.stopped();
}

io::Task<bool> Shell::give_way() {
    if (!activity_.stopped()) {
        wake_at(test_.loop().now());
        co_await changed_.wait();
    }
    co_return !activity_.stopped();
}

void Shell::reset_buffer() {
    const auto begin = buffer_.cursor() - let_go_;
    buffer_seq_ = test_.record(report::EventKind::BufferReset, place(),
                               {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(buffer_.end())});
    consume(buffer_.end());
}

void Shell::record_matched(match::Position begin, match::Position end) {
    buffer_seq_ =
        test_.record(report::EventKind::BufferMatched, place(),
                     {static_cast<std::int64_t>(buffer_.cursor() - let_go_), static_cast<std::int64_t>(begin),
                      static_cast<std::int64_t>(end), static_cast<std::int64_t>(buffer_.end())});
}

void Shell::consume(match::Position end) {
    let_go_ = 0;
    buffer_.consume(end);
    prompts_.consumed(end);
    release_output();
    if (consumptions_.size() == kConsumptions) consumptions_.erase(consumptions_.begin());
    consumptions_.push_back({end, statement_file_, statement_line_});
}

HeldOutput Shell::held_output() const {
    HeldOutput held;
    held.shell = name_;
    held.consumed = buffer_.view(buffer_.begin(), buffer_.cursor());
    held.consumed_begin = buffer_.begin();
    held.unread = buffer_.unread();
    held.consumptions = &consumptions_;
    held.last_sent = last_line_;
    return held;
}

}  // namespace relux::run

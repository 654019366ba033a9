// See shell.h.
#include "vm/run/shell.h"

#include <algorithm>

#include "vm/base/text.h"

namespace relux::run {

namespace {

using match::Matcher;

constexpr io::Time kNever = io::Time::max();
/// Language 5.6: output that has been quiet for this long settles a tentative match.
constexpr Duration kSettleTime = std::chrono::milliseconds(20);
/// Language 6.1: a program that never reads still gets its input.
constexpr Duration kReaderPatience = std::chrono::milliseconds(20);
constexpr Duration kReaderPoll = std::chrono::milliseconds(1);
/// After the shell's process has ended, how long its terminal may stay open before its output counts as over.
constexpr Duration kOrphanedTerminal = std::chrono::milliseconds(100);
/// Between hang-up and kill.
constexpr Duration kEndGrace = std::chrono::seconds(1);
/// How long a shell whose match has timed out is kept, in case that what was missing is only late.
constexpr Duration kLateGrace = std::chrono::milliseconds(400);
/// Output shown in a failure.
constexpr std::size_t kOutputTail = 4096;
/// Start-up files may set a prompt of their own; after this long without ours it is set by typing.
/// How many moves of the cursor are remembered for near misses.
constexpr std::size_t kConsumptions = 64;
constexpr Duration kPromptPatience = std::chrono::milliseconds(250);

io::Time add(io::Time time, Duration duration) {
    return duration > kNever - time ? kNever : time + duration;
}

/// A line that sets the prompt without containing it, so that its echo is not taken for it.
std::string prompt_command(std::string_view prompt) {
    std::string line = "PS2='' PROMPT_COMMAND='' PS1=";
    for (const char c : prompt) {
        if (c == '\'') {
            line += "\\'";
        } else {
            line.append("'").append(1, c).append("'");
        }
    }
    return line;
}

}  // namespace

Shell::Shell(TestContext& test, Activity& activity, std::string name, std::string log_name,
             std::vector<std::string> environment)
    : test_(test),
      activity_(activity),
      name_(std::move(name)),
      log_name_(std::move(log_name)),
      environment_(std::move(environment)),
      number_(test.add_shell(name_, log_name_)),
      buffer_(test.settings().shell.buffer_limit),
      wanted_(kNever) {
    const auto& timeouts = test.settings().timeout;
    timeout_ = ShellTimeout{false, timeouts.match, timeouts.match_origin};
    timer_ = test.loop().make_timer([this] { on_timer(); });
    settle_timer_ = test.loop().make_timer([this] {
        if (fail_pattern_) scan_fail_pattern(test_.loop().now() - last_output_ >= kSettleTime);
    });
    activity_.join(*this);
}

Shell::~Shell() {
    activity_.leave(*this);
    if (io_) test_.resources().retire(std::move(io_));
}

report::EventPlace Shell::place() const {
    report::EventPlace place;
    place.span = span_;
    place.shell = number_;
    place.module = module_;
    place.line = statement_line_;
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

// Callbacks of the terminal

void Shell::on_output(std::string_view bytes) {
    last_output_ = test_.loop().now();
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
    buffer_seq_ = test_.record(report::EventKind::BufferGrew, place(),
                               {offset, static_cast<std::int64_t>(buffer_.end())});
    if (fail_pattern_) scan_fail_pattern(false);
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

// Failures

void Shell::describe_output(ShellFailure& failure) const {
    const auto unread = buffer_.unread();
    const auto shown = std::min(unread.size(), kOutputTail);
    failure.shell = name_;
    failure.output_tail = unread.substr(unread.size() - shown);
    failure.output_omitted = unread.size() - shown;
    if (buffer_.dropped() > 0) {
        failure.notes.push_back("the output buffer was full: " + std::to_string(buffer_.dropped()) +
                                " unread bytes were dropped; raise [shell] buffer_limit, or match earlier");
    }
}

void Shell::fail(report::FailureKind kind, std::string summary) {
    failure_.emplace();
    failure_->kind = kind;
    failure_->summary = std::move(summary);
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
    if (statement_file_ == nullptr) return;
    const auto elapsed = test_.loop().now() - deadline.start;
    test_.resources().margins.record(*statement_file_, statement_line_, elapsed, deadline.at - deadline.start,
                                     deadline.timeout.written, deadline.timeout.assertion, timed_out);
}

// Start and end

io::Task<bool> Shell::start() {
    const auto& settings = test_.settings().shell;
    io::ShellOptions options;
    options.command = settings.command;
    options.environment = environment_;
    options.columns = settings.columns;
    options.rows = settings.rows;
    options.directory = test_.settings().suite_root.string();
    // Each shell has a mark of its own: ending one must not end a daemon that belongs to another.
    options.owner_mark = "__RELUX_SHELL_ID=" + (test_.log_directory() / log_name_).string();
    options.environment.push_back(options.owner_mark);
    test_.record(report::EventKind::ShellSpawn, place(), {name_, settings.command[0]});
    test_.progress("|");
    auto log = report::ShellLog::open(test_.log_directory(), log_name_, &test_.secrets());
    if (log) {
        log_ = std::move(*log);
    } else {
        test_.warn("shell '" + name_ + "' has no log: " + log.error().message);
    }
    auto opened = test_.loop().open_shell(options, *this);
    if (!opened) {
        fail(report::FailureKind::Runtime,
             "runtime error in shell '" + name_ + "': " + opened.error().message);
        co_return false;
    }
    io_ = std::move(*opened);
    if (!co_await find_prompt()) co_return false;
    test_.record(report::EventKind::ShellReady, place(), {name_});
    co_return true;
}

io::Task<bool> Shell::find_prompt() {
    const exec::TimeoutSpec from_configuration;
    const Deadline deadline = deadline_for(from_configuration);
    Matcher matcher(match::Pattern::literal(test_.settings().shell.prompt), buffer_.cursor());
    io::Time type_it_at = add(deadline.start, kPromptPatience);
    while (!activity_.stopped()) {
        if (matcher.advance(buffer_, false) == Matcher::State::Matched) {
            const auto end = matcher.found().groups[0].end;
            buffer_seq_ =
                test_.record(report::EventKind::BufferConsumed, place(),
                             {static_cast<std::int64_t>(buffer_.cursor()), static_cast<std::int64_t>(end)});
            buffer_.consume(end);
            co_return true;
        }
        const auto now = test_.loop().now();
        if (output_is_over() || now >= deadline.at) break;
        const auto unread = buffer_.unread();
        if (now >= type_it_at && now - last_output_ >= kPromptPatience && !unread.empty() &&
            unread.back() != '\n') {
            write(prompt_command(test_.settings().shell.prompt) + "\n");
            type_it_at = kNever;
        }
        wake_at(std::min(deadline.at,
                         type_it_at == kNever ? kNever : std::max(type_it_at, now + kPromptPatience)));
        co_await changed_.wait();
    }
    if (activity_.stopped()) co_return false;
    if (buffer_.closed()) {
        co_await fail_exited();
        if (failure_) failure_->summary += " before its prompt appeared";
    } else {
        fail(report::FailureKind::Runtime, "runtime error in shell '" + name_ + "': no prompt `" +
                                               visible(test_.settings().shell.prompt, false) + "` appeared");
        add_timeout(deadline);
        failure_->notes.push_back("the shell must print the prompt of [shell] prompt; it is given in PS1");
    }
    co_return false;
}

void Shell::kill() {
    if (io_ && ending_) io_->end(Duration(0));
}

io::Task<void> Shell::end(bool now) {
    if (ended_ || !io_) co_return;
    ending_ = true;
    test_.record(report::EventKind::ShellTerminate, place(), {name_});
    io_->end(now ? Duration(0) : kEndGrace);
    while (!io_->ended())
        co_await changed_.wait();
    ended_ = true;
    for (const auto& killed : io_->killed()) {
        test_.warn("shell '" + name_ + "' left a process that had to be killed: " +
                   std::to_string(killed.pid) + " " + visible(killed.command_line, false));
    }
    timer_->disarm();
    settle_timer_->disarm();
    if (log_) {
        if (const auto closed = log_->close(); !closed)
            test_.warn("log of shell '" + name_ + "': " + closed.error().message);
        log_.reset();
    }
    test_.resources().retire(std::move(io_));
}

// Sending

void Shell::write(std::string_view bytes) {
    if (log_) log_->sent(bytes, test_.elapsed());
    test_.record(report::EventKind::Send, place(), {bytes});
    remember_line(bytes);
    io_->write(bytes);
}

void Shell::remember_line(std::string_view bytes) {
    if (bytes.size() > kOutputTail) bytes = bytes.substr(bytes.size() - kOutputTail);
    if (!line_open_) last_line_.clear();
    line_open_ = !bytes.ends_with('\n');
    if (!line_open_) bytes.remove_suffix(1);
    last_line_ += bytes.substr(bytes.rfind('\n') + 1);
}

io::Task<void> Shell::wait_for_reader() {
    const auto give_up = add(test_.loop().now(), kReaderPatience);
    while (!activity_.stopped() && !exit_status_) {
        const auto state = io_->reader_state();
        const auto now = test_.loop().now();
        if (state == io::ReaderState::Waiting || now >= give_up) break;
        if (state == io::ReaderState::Unknown && now - last_output_ >= kReaderPoll) break;
        wake_at(std::min(give_up, add(now, kReaderPoll)));
        co_await changed_.wait();
    }
}

bool Shell::line_fits(std::string_view text, bool newline) {
    const auto limit = io_->line_limit();
    std::size_t length = line_length_;
    std::size_t longest = 0;
    for (std::size_t at = 0;;) {
        const auto end = text.find('\n', at);
        length += (end == std::string_view::npos ? text.size() : end) - at;
        longest = std::max(longest, length);
        if (end == std::string_view::npos) break;
        length = 0;
        at = end + 1;
    }
    // The limit counts the newline; a line still without one needs room for it.
    if (limit != 0 && longest + 1 > limit) {
        fail(report::FailureKind::Runtime, "runtime error in shell '" + name_ + "': a line of " +
                                               std::to_string(longest) +
                                               " bytes cannot be sent: the terminal takes " +
                                               std::to_string(limit - 1) + " in canonical mode");
        failure_->notes.push_back(
            "write it to a file in several sends, or give it to a program that reads raw input");
        return false;
    }
    line_length_ = newline ? 0 : length;
    return true;
}

io::Task<bool> Shell::send(std::string_view text, bool newline) {
    if (activity_.stopped()) co_return false;
    if (test_.settings().wait_for_reader && !exit_status_ &&
        io_->reader_state() != io::ReaderState::Waiting) {
        co_await wait_for_reader();
    }
    if (activity_.stopped()) co_return false;
    if (exit_status_ || buffer_.closed()) {
        co_await fail_exited();
        co_return false;
    }
    if (!line_fits(text, newline)) co_return false;
    if (newline) {
        std::string line;
        line.reserve(text.size() + 1);
        line.append(text).append("\n");
        write(line);
    } else {
        write(text);
    }
    test_.progress(".");
    co_return true;
}

io::Task<bool> Shell::sleep(Duration duration) {
    const auto until = add(test_.loop().now(), duration);
    test_.record(report::EventKind::SleepStart, place(), {duration});
    while (!activity_.stopped() && test_.loop().now() < until) {
        wake_at(until);
        co_await changed_.wait();
    }
    test_.record(report::EventKind::SleepDone, place(), {});
    co_return !activity_.stopped();
}

// Matching

Shell::Deadline Shell::deadline_for(const exec::TimeoutSpec& timeout) {
    Deadline deadline;
    deadline.start = test_.loop().now();
    if (timeout.kind == bytecode::TimeoutKind::None) {
        deadline.timeout = timeout_;
    } else {
        deadline.timeout.assertion = timeout.kind == bytecode::TimeoutKind::Assertion;
        deadline.timeout.written = Duration(timeout.nanoseconds);
        deadline.timeout.origin = "the operation itself";
    }
    const auto written = deadline.timeout.written;
    deadline.at = add(deadline.start, deadline.timeout.assertion ? written : test_.scale(written));
    return deadline;
}

Result<std::shared_ptr<const match::Pattern>> Shell::compile(const exec::PatternSpec& pattern) {
    if (!pattern.is_regex) return match::Pattern::literal(pattern.text.view());
    return test_.resources().patterns.regex(pattern.text.view());
}

Shell::Matched Shell::take_match(const Matcher& matcher) {
    Matched matched;
    const auto& groups = matcher.found().groups;
    for (const auto& group : groups) {
        matched.captures.push_back(group.begin == match::Found::npos
                                       ? exec::Value()
                                       : exec::Value(buffer_.view(group.begin, group.end)));
    }
    matched.text = matched.captures.empty() ? exec::Value() : matched.captures[0];
    consume(groups[0].end);
    return matched;
}

io::Task<std::optional<Shell::Matched>> Shell::match(const exec::PatternSpec& spec,
                                                     const exec::TimeoutSpec& timeout) {
    const auto pattern = compile(spec);
    if (!pattern) {
        fail(report::FailureKind::InvalidRegex, "invalid regex: " + pattern.error().message);
        failure_->pattern = spec.text.view();
        co_return std::nullopt;
    }
    const Deadline deadline = deadline_for(timeout);
    test_.record(report::EventKind::MatchStart, place(),
                 {spec.text.view(), std::int64_t(spec.is_regex), deadline.at - deadline.start});
    Matcher matcher(*pattern, buffer_.cursor());
    while (!activity_.stopped()) {
        auto state = matcher.advance(buffer_, false);
        const auto now = test_.loop().now();
        const bool over = output_is_over();
        if (state == Matcher::State::Tentative &&
            (over || now >= deadline.at || now - last_output_ >= kSettleTime)) {
            state = matcher.advance(buffer_, true);
        }
        if (state == Matcher::State::Matched) {
            auto matched = take_match(matcher);
            std::vector<std::string_view> captures;
            if (spec.is_regex) {
                for (const auto& capture : matched.captures)
                    captures.push_back(capture.view());
            }
            test_.record(report::EventKind::MatchDone, place(),
                         {matched.text.view(), now - deadline.start, report::encode_texts(captures),
                          static_cast<std::int64_t>(buffer_seq_)});
            test_.progress(".");
            record_margin(deadline, false);
            co_return matched;
        }
        if (state == Matcher::State::TooComplex) {
            fail(report::FailureKind::Runtime,
                 "runtime error in shell '" + name_ + "': pattern is too complex");
        } else if (over) {
            co_await fail_exited();
        } else if (now >= deadline.at) {
            fail(report::FailureKind::MatchTimeout, "match timeout in shell '" + name_ +
                                                        "': timed out waiting for " +
                                                        visible(spec.text.view(), false));
            add_timeout(deadline);
            record_margin(deadline, true);
            test_.record(
                report::EventKind::Timeout, place(),
                {spec.text.view(), static_cast<std::int64_t>(buffer_seq_), deadline.at - deadline.start});
            timed_out_ = matcher;
            timed_out_at_ = deadline.at;
        }
        if (failure_) {
            failure_->pattern = spec.text.view();
            failure_->pattern_is_regex = spec.is_regex;
            co_return std::nullopt;
        }
        io::Time until = deadline.at;
        if (state == Matcher::State::Tentative) until = std::min(until, add(last_output_, kSettleTime));
        if (exit_status_) until = std::min(until, add(exited_at_, kOrphanedTerminal));
        wake_at(until);
        co_await changed_.wait();
    }
    co_return std::nullopt;
}

io::Task<std::optional<Duration>> Shell::watch_late() {
    if (!timed_out_ || ending_) co_return std::nullopt;
    const auto until = add(test_.loop().now(), kLateGrace);
    while (!test_.interrupted()) {
        auto state = timed_out_->advance(buffer_, false);
        const auto now = test_.loop().now();
        const bool over = output_is_over();
        if (state == Matcher::State::Tentative &&
            (over || now >= until || now - last_output_ >= kSettleTime)) {
            state = timed_out_->advance(buffer_, true);
        }
        if (state == Matcher::State::Matched) co_return std::max(last_output_ - timed_out_at_, Duration(0));
        if (over || now >= until) break;
        wake_at(state == Matcher::State::Tentative ? std::min(until, add(last_output_, kSettleTime)) : until);
        co_await changed_.wait();
    }
    co_return std::nullopt;
}

io::Task<bool> Shell::multi_match(const std::vector<exec::PatternSpec>& specs,
                                  const exec::TimeoutSpec& timeout) {
    struct Entry {
        Matcher matcher;
        Matcher::State state = Matcher::State::NeedMore;
    };
    std::vector<Entry> entries;
    for (const auto& spec : specs) {
        const auto pattern = compile(spec);
        if (!pattern) {
            fail(report::FailureKind::InvalidRegex, "invalid regex: " + pattern.error().message);
            failure_->pattern = spec.text.view();
            co_return false;
        }
        entries.push_back(Entry{Matcher(*pattern, buffer_.cursor())});
    }
    const Deadline deadline = deadline_for(timeout);
    const OpenSpan span(*this, test_.record(report::EventKind::MultiMatch, place(), {name_}));
    const auto described = [&specs](std::size_t i) {
        return (specs[i].is_regex ? "? " : "= ") + std::string(specs[i].text.view());
    };
    std::vector<std::string> descriptions;
    for (std::size_t i = 0; i < specs.size(); ++i)
        descriptions.push_back(described(i));
    const std::vector<std::string_view> patterns(descriptions.begin(), descriptions.end());
    test_.record(report::EventKind::MultiMatchStart, place(),
                 {static_cast<std::int64_t>(specs.size()), deadline.at - deadline.start,
                  report::encode_texts(patterns)});
    while (!activity_.stopped()) {
        const auto now = test_.loop().now();
        const bool over = output_is_over();
        std::size_t matched = 0;
        bool tentative = false;
        bool too_complex = false;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            auto& entry = entries[i];
            if (entry.state != Matcher::State::Matched) {
                entry.state = entry.matcher.advance(buffer_, false);
                if (entry.state == Matcher::State::Tentative &&
                    (over || now >= deadline.at || now - last_output_ >= kSettleTime)) {
                    entry.state = entry.matcher.advance(buffer_, true);
                }
                if (entry.state == Matcher::State::Matched) {
                    const auto& group = entry.matcher.found().groups[0];
                    test_.record(report::EventKind::MultiMatchPatternDone, place(),
                                 {specs[i].text.view(), buffer_.view(group.begin, group.end),
                                  static_cast<std::int64_t>(i)});
                }
            }
            matched += entry.state == Matcher::State::Matched;
            tentative |= entry.state == Matcher::State::Tentative;
            too_complex |= entry.state == Matcher::State::TooComplex;
        }
        if (matched == entries.size()) {
            match::Position farthest = buffer_.cursor();
            for (const auto& entry : entries)
                farthest = std::max(farthest, entry.matcher.found().groups[0].end);
            consume(farthest);
            test_.record(report::EventKind::MultiMatchDone, place(),
                         {now - deadline.start, static_cast<std::int64_t>(buffer_seq_)});
            test_.progress(".");
            record_margin(deadline, false);
            co_return true;
        }
        if (too_complex) {
            fail(report::FailureKind::Runtime,
                 "runtime error in shell '" + name_ + "': pattern is too complex");
        } else if (over) {
            co_await fail_exited();
        } else if (now >= deadline.at) {
            fail(report::FailureKind::MultiMatch,
                 "multimatch in shell '" + name_ + "' did not satisfy all patterns");
            add_timeout(deadline);
            record_margin(deadline, true);
            std::vector<std::string_view> missing;
            for (std::size_t i = 0; i < entries.size(); ++i) {
                if (entries[i].state != Matcher::State::Matched) missing.push_back(patterns[i]);
            }
            test_.record(report::EventKind::MultiMatchTimeout, place(),
                         {static_cast<std::int64_t>(buffer_seq_), deadline.at - deadline.start,
                          report::encode_texts(missing)});
        }
        if (failure_) {
            for (std::size_t i = 0; i < entries.size(); ++i) {
                failure_->notes.push_back(
                    (specs[i].is_regex ? "? " : "= ") + visible(specs[i].text.view(), false) +
                    (entries[i].state == Matcher::State::Matched ? ": matched" : ": timed out"));
            }
            co_return false;
        }
        io::Time until = deadline.at;
        if (tentative) until = std::min(until, add(last_output_, kSettleTime));
        if (exit_status_) until = std::min(until, add(exited_at_, kOrphanedTerminal));
        wake_at(until);
        co_await changed_.wait();
    }
    co_return false;
}

void Shell::reset_buffer() {
    consume(buffer_.end(), report::EventKind::BufferReset);
}

void Shell::consume(match::Position end, report::EventKind kind) {
    buffer_seq_ = test_.record(kind, place(),
                               {static_cast<std::int64_t>(buffer_.cursor()), static_cast<std::int64_t>(end)});
    buffer_.consume(end);
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

// Time-out and fail pattern

void Shell::set_timeout(const exec::TimeoutSpec& timeout, std::string origin) {
    const auto previous = format_duration(timeout_.written);
    timeout_.assertion = timeout.kind == bytecode::TimeoutKind::Assertion;
    timeout_.written = Duration(timeout.nanoseconds);
    timeout_.origin = std::move(origin);
    test_.record(report::EventKind::TimeoutSet, place(), {format_duration(timeout_.written), previous});
}

bool Shell::set_fail_pattern(const exec::PatternSpec& spec, std::string set_at) {
    const auto pattern = compile(spec);
    if (!pattern) {
        fail(report::FailureKind::InvalidRegex, "invalid regex: " + pattern.error().message);
        failure_->pattern = spec.text.view();
        return false;
    }
    test_.record(report::EventKind::FailPatternSet, place(), {spec.text.view(), std::int64_t(spec.is_regex)});
    fail_pattern_ = std::make_shared<FailPattern>(
        FailPattern{*pattern, std::move(set_at), Matcher(*pattern, buffer_.cursor())});
    scan_fail_pattern(false);
    return true;
}

void Shell::clear_fail_pattern() {
    test_.record(report::EventKind::FailPatternCleared, place(), {});
    fail_pattern_.reset();
    settle_timer_->disarm();
}

void Shell::restore_state(ShellState state) {
    timeout_ = std::move(state.timeout);
    if (fail_pattern_ == state.fail_pattern) return;
    fail_pattern_ = std::move(state.fail_pattern);
    if (!fail_pattern_) return settle_timer_->disarm();
    // Language 8: setting scans from the cursor on, and coming back is a setting.
    fail_pattern_->matcher = Matcher(fail_pattern_->pattern, buffer_.cursor());
    scan_fail_pattern(false);
}

void Shell::scan_fail_pattern(bool settled) {
    if (activity_.stopped() || ending_) return;
    const auto pattern = fail_pattern_;  // what follows may replace it
    const auto state = pattern->matcher.advance(buffer_, settled || buffer_.closed());
    if (state == Matcher::State::Tentative) {
        settle_timer_->arm(add(std::max(last_output_, test_.loop().now() - kSettleTime), kSettleTime));
    }
    if (state != Matcher::State::Matched && state != Matcher::State::TooComplex) return;
    ShellFailure failure;
    failure.pattern = pattern->pattern->text();
    if (state == Matcher::State::TooComplex) {
        failure.kind = report::FailureKind::Runtime;
        failure.summary = "runtime error in shell '" + name_ + "': pattern is too complex";
    } else {
        const auto hit = pattern->matcher.found().groups[0];
        // The whole line that the match begins in, as far as it has arrived.
        const auto text = buffer_.view(buffer_.begin(), buffer_.end());
        const auto at = static_cast<std::size_t>(hit.begin - buffer_.begin());
        const auto before = text.find_last_of("\r\n", at == 0 ? 0 : at - 1);
        const auto begin = at == 0 || before == std::string_view::npos ? 0 : before + 1;
        const auto line = text.substr(begin, text.find_first_of("\r\n", at) - begin);
        failure.kind = report::FailureKind::FailPattern;
        failure.summary = "fail pattern matched in shell '" + name_ + "': `" +
                          visible(failure.pattern, false) + "` matched in the line `" + visible(line, false) +
                          "`";
        test_.record(report::EventKind::FailPatternTriggered, place(),
                     {failure.pattern, std::int64_t(pattern->pattern->is_regex()), line,
                      static_cast<std::int64_t>(buffer_seq_)});
    }
    failure.notes.push_back("the fail pattern was set at " + pattern->set_at);
    describe_output(failure);
    on_fail_pattern(std::move(failure));
}

}  // namespace relux::run

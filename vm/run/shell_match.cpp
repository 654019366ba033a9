// See shell.h: everything that looks at the output: matches, time-outs and fail patterns.
#include <algorithm>

#include "vm/base/text.h"
#include "vm/run/shell.h"
#include "vm/run/shell_patience.h"

namespace relux::run {

using match::Matcher;

namespace {
constexpr auto kShort = match::Pattern::Effort::Short;
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
        deadline.timeout.place = place();
    }
    const auto written = deadline.timeout.written;
    deadline.at = add(deadline.start, deadline.timeout.assertion ? written : test_.scale(written));
    return deadline;
}

report::RecordedTimeout Shell::recorded(const ShellTimeout& timeout) const {
    report::RecordedTimeout recorded;
    recorded.written = timeout.written;
    recorded.applied = timeout.assertion ? timeout.written : test_.scale(timeout.written);
    recorded.multiplier = test_.settings().timeout.multiplier;
    recorded.assertion = timeout.assertion ? 1 : 0;
    recorded.module = timeout.place.module;
    recorded.line = timeout.place.line;
    recorded.column = timeout.place.column;
    recorded.end_column = timeout.place.end_column;
    return recorded;
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
    record_matched(groups[0].begin, groups[0].end);
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
    const auto effective = recorded(deadline.timeout);
    test_.record(report::EventKind::MatchStart, place(),
                 {spec.text.view(), std::int64_t(spec.is_regex), effective});
    Matcher matcher(*pattern, buffer_.cursor());
    const WaitGuard waiting(*this, {Wait::Match, spec.text.view(), deadline.start, deadline.at});
    while (!activity_.stopped()) {
        if (looks_for_fail_pattern()) {
            co_await fail_pattern_looked_for();
            continue;
        }
        auto state = matcher.advance(buffer_, false, kShort);
        const auto now = test_.loop().now();
        const bool over = output_is_over();
        if (state == Matcher::State::Tentative && (over || now >= deadline.at || is_quiet(now))) {
            state = matcher.advance(buffer_, true, kShort);
        }
        if (state == Matcher::State::Unfinished) {
            co_await finish_search(matcher);
            continue;
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
            fail_match(spec, matcher, deadline);
        }
        if (failure_) {
            failure_->pattern = spec.text.view();
            failure_->pattern_is_regex = spec.is_regex;
            co_return std::nullopt;
        }
        let_go(matcher.needs_from());
        io::Time until = deadline.at;
        if (state == Matcher::State::Tentative) until = std::min(until, quiet_at(now));
        if (exit_status_) until = std::min(until, add(exited_at_, kOrphanedTerminal));
        wake_at(until);
        co_await changed_.wait();
    }
    co_return std::nullopt;
}

void Shell::fail_match(const exec::PatternSpec& spec, const Matcher& matcher, const Deadline& deadline) {
    fail(report::FailureKind::MatchTimeout,
         "match timeout in shell '" + name_ + "': timed out waiting for " + visible(spec.text.view(), false));
    add_timeout(deadline);
    record_margin(deadline, true);
    test_.record(report::EventKind::Timeout, place(),
                 {spec.text.view(), std::int64_t(0), recorded(deadline.timeout)});
    timed_out_.emplace(
        TimedOut{matcher, deadline.at, add(deadline.at, deadline.at - deadline.start), buffer_.end()});
}

std::optional<Duration> Shell::lateness() {
    // Nobody reads about an attempt that is followed by another, or waits for it at an interrupt.
    if (!timed_out_ || timed_out_->arrivals.empty() || test_.interrupted()) return std::nullopt;
    if (timed_out_->matcher.advance(buffer_, true, kShort) != Matcher::State::Matched) return std::nullopt;
    const auto end = timed_out_->matcher.found().groups[0].end;
    // Only the end of the output has made a match of it.
    if (end <= timed_out_->seen) return std::nullopt;
    for (const auto& arrival : timed_out_->arrivals) {
        if (arrival.end >= end) return arrival.at - timed_out_->at;
    }
    return std::nullopt;
}

io::Task<bool> Shell::multi_match(const std::vector<exec::PatternSpec>& specs,
                                  const exec::TimeoutSpec& timeout) {
    struct Entry {
        Matcher matcher;
        Matcher::State state = Matcher::State::NeedMore;
        std::uint32_t buffer_seq = 0;
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
    const WaitGuard waiting(*this, {Wait::MultiMatch, {}, deadline.start, deadline.at});
    const auto effective = recorded(deadline.timeout);
    const auto encoded_patterns = report::encode_texts(patterns);
    test_.record(report::EventKind::MultiMatchStart, place(), {effective, encoded_patterns});
    while (!activity_.stopped()) {
        if (looks_for_fail_pattern()) {
            co_await fail_pattern_looked_for();
            continue;
        }
        const auto now = test_.loop().now();
        const bool over = output_is_over();
        std::size_t matched = 0;
        bool tentative = false;
        bool too_complex = false;
        Matcher* unfinished = nullptr;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            auto& entry = entries[i];
            if (entry.state != Matcher::State::Matched) {
                entry.state = entry.matcher.advance(buffer_, false, kShort);
                if (entry.state == Matcher::State::Tentative &&
                    (over || now >= deadline.at || is_quiet(now))) {
                    entry.state = entry.matcher.advance(buffer_, true, kShort);
                }
                if (entry.state == Matcher::State::Unfinished) unfinished = &entry.matcher;
                if (entry.state == Matcher::State::Matched) {
                    const auto& group = entry.matcher.found().groups[0];
                    record_matched(group.begin, group.end);
                    entry.buffer_seq = buffer_seq_;
                    test_.record(report::EventKind::MultiMatchPatternDone, place(),
                                 {static_cast<std::int64_t>(i), now - deadline.start,
                                  static_cast<std::int64_t>(buffer_seq_), specs[i].text.view(),
                                  buffer_.view(group.begin, group.end)});
                }
            }
            matched += entry.state == Matcher::State::Matched;
            tentative |= entry.state == Matcher::State::Tentative;
            too_complex |= entry.state == Matcher::State::TooComplex;
        }
        if (unfinished != nullptr) {
            co_await finish_search(*unfinished);
            continue;
        }
        if (matched == entries.size()) {
            match::Position farthest = buffer_.cursor();
            std::uint32_t advance_to = 0;
            for (const auto& entry : entries) {
                const auto end = entry.matcher.found().groups[0].end;
                if (end >= farthest) advance_to = entry.buffer_seq;
                farthest = std::max(farthest, end);
            }
            consume(farthest);
            test_.record(report::EventKind::MultiMatchDone, place(),
                         {static_cast<std::int64_t>(advance_to), now - deadline.start});
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
            failure_->message = "multimatch did not satisfy all patterns in shell '" + name_ + "' (" +
                                std::to_string(matched) + "/" + std::to_string(entries.size()) + " matched)";
            add_timeout(deadline);
            record_margin(deadline, true);
            std::string unmatched;
            for (std::size_t i = 0; i < entries.size(); ++i) {
                if (entries[i].state != Matcher::State::Matched)
                    report::append_encoded_text(unmatched, std::to_string(i));
            }
            test_.record(report::EventKind::MultiMatchTimeout, place(), {unmatched, effective});
        }
        if (failure_) {
            for (std::size_t i = 0; i < entries.size(); ++i) {
                const bool timed_out = failure_->kind == report::FailureKind::MultiMatch;
                const std::string_view what = entries[i].state == Matcher::State::Matched ? "matched:     "
                                              : timed_out                                 ? "timed out:   "
                                                                                          : "not matched: ";
                failure_->patterns.push_back(std::string(what) + (specs[i].is_regex ? "? " : "= ") +
                                             visible(specs[i].text.view(), false));
            }
            co_return false;
        }
        match::Position needed = buffer_.end();
        for (const auto& entry : entries) {
            if (entry.state != Matcher::State::Matched) needed = std::min(needed, entry.matcher.needs_from());
        }
        let_go(needed);
        io::Time until = deadline.at;
        if (tentative) until = std::min(until, quiet_at(now));
        if (exit_status_) until = std::min(until, add(exited_at_, kOrphanedTerminal));
        wake_at(until);
        co_await changed_.wait();
    }
    co_return false;
}

// Time-out and fail pattern

void Shell::set_timeout(const exec::TimeoutSpec& timeout, std::string origin) {
    const auto previous = recorded(timeout_);
    timeout_.assertion = timeout.kind == bytecode::TimeoutKind::Assertion;
    timeout_.written = Duration(timeout.nanoseconds);
    timeout_.origin = std::move(origin);
    timeout_.place = place();
    test_.record(report::EventKind::TimeoutSet, place(), {recorded(timeout_), previous});
}

bool Shell::set_fail_pattern(const exec::PatternSpec& spec, std::string set_at) {
    const auto pattern = compile(spec);
    if (!pattern) {
        fail(report::FailureKind::InvalidRegex, "invalid regex: " + pattern.error().message);
        failure_->pattern = spec.text.view();
        return false;
    }
    test_.record(report::EventKind::FailPatternSet, place(), {spec.text.view(), std::int64_t(spec.is_regex)});
    abandon_fail_search();
    fail_pattern_ = std::make_shared<FailPattern>(
        FailPattern{*pattern, std::move(set_at), Matcher(*pattern, buffer_.cursor())});
    scan_fail_pattern(false);
    return true;
}

void Shell::clear_fail_pattern() {
    test_.record(report::EventKind::FailPatternCleared, place(), {});
    abandon_fail_search();
    fail_pattern_.reset();
    settle_timer_->disarm();
}

void Shell::restore_state(ShellState state) {
    timeout_ = std::move(state.timeout);
    if (fail_pattern_ == state.fail_pattern) return;
    abandon_fail_search();
    fail_pattern_ = std::move(state.fail_pattern);
    if (!fail_pattern_) return settle_timer_->disarm();
    // Language 8: setting scans from the cursor on, and coming back is a setting.
    fail_pattern_->matcher = Matcher(fail_pattern_->pattern, buffer_.cursor());
    scan_fail_pattern(false);
}

void Shell::scan_fail_pattern(bool settled) {
    if (activity_.stopped() || ending_) return;
    const auto pattern = fail_pattern_;  // what follows may replace it
    const auto state = pattern->matcher.advance(buffer_, settled || buffer_.closed(), kShort);
    if (state == Matcher::State::Unfinished && !fail_search_) fail_search_ = begin_search(pattern->matcher);
    if (state == Matcher::State::Tentative) {
        settle_timer_->arm(quiet_at(test_.loop().now()));
    }
    if (state != Matcher::State::Matched && state != Matcher::State::TooComplex) return;
    if (state == Matcher::State::Matched) return report_hit(*pattern);
    ShellFailure failure;
    failure.pattern = pattern->pattern->text();
    failure.kind = report::FailureKind::Runtime;
    failure.summary = "runtime error in shell '" + name_ + "': pattern is too complex";
    failure.notes.push_back("the fail pattern was set at " + pattern->set_at);
    describe_output(failure);
    on_fail_pattern(std::move(failure));
}

}  // namespace relux::run

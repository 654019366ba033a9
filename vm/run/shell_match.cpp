// The operations of a shell that expect something of its output.
#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "vm/base/text.h"
#include "vm/run/shell.h"
#include "vm/run/shell_expectation.h"
#include "vm/run/shell_patience.h"

namespace relux::run {

using End = Expectation::End;

using Kind = ShellWaiting::Kind;

namespace {

/// Several patterns, in any order; tells each as it comes.
class PatternSet final : public Expectation {
  public:
    PatternSet(ShellParts& shell, std::span<Expected> expected, const Deadline& deadline,
               const std::vector<exec::PatternSpec>& specs)
        : Expectation(shell, expected, deadline), specs_(specs) {}

  protected:
    void matched(std::size_t number) override {
        Expectation::matched(number);
        const auto found = expected_[number].found();
        shell_.journal.record(
            events::MultiMatchPatternDone{.index = static_cast<std::int64_t>(number),
                                          .elapsed = elapsed(),
                                          .buffer_seq = expected_[number].event,
                                          .pattern = specs_[number].text.view(),
                                          .matched = shell_.output.buffer().view(found.begin, found.end)});
    }

  private:
    const std::vector<exec::PatternSpec>& specs_;
};

/// The shell's prompt, where it then waits for input (language 14). The text alone is not enough: it stands
/// wherever a program has printed it.
class Prompt final : public Expectation {
  public:
    Prompt(ShellParts& shell, std::span<Expected> expected, const Deadline& deadline, ShellReader& reader)
        : Expectation(shell, expected, deadline), reader_(reader), seen_(shell.output.buffer().end()) {}

    /// The end of the prompt that has been matched.
    match::Position prompt_end() const { return *prompt_end_; }
    bool has_been_printed() const { return expected_[0].matched(); }

  protected:
    void prepare() override {
        // A prompt that a program had printed has been let go.
        const auto cursor = shell_.output.cursor();
        if (expected_[0].matcher.base() >= cursor) return;
        expected_[0] = Expected(match::Pattern::literal(shell_.output.prompts().prompt()), cursor);
    }
    void matched(std::size_t /*number*/) override {}
    bool is_complete() override {
        const auto& output = shell_.output;
        prompt_end_ = output.prompts().find(output.buffer());
        if (prompt_end_) return true;
        const auto at_prompt = reader_.look_for_prompt();
        if (at_prompt == ShellReader::AtPrompt::Yes) prompt_end_ = output.prompts().find(output.buffer());
        if (at_prompt == ShellReader::AtPrompt::Unknown) prompt_end_ = expected_[0].found().end;
        return prompt_end_.has_value();
    }
    io::Time look_again(io::Time now) override {
        const auto end = shell_.output.buffer().end();
        if (seen_ != end) poll_.restart();
        seen_ = end;
        return has_been_printed() ? add(now, poll_.next()) : kNever;
    }

  private:
    ShellReader& reader_;
    ReaderPoll poll_;
    match::Position seen_;
    std::optional<match::Position> prompt_end_;
};

void record_start(ShellParts& shell, const exec::PatternSpec& spec, const Deadline& deadline) {
    const auto effective = shell.timeouts.recorded(deadline.timeout);
    shell.journal.record(
        events::MatchStart{.pattern = spec.text.view(), .is_regex = spec.is_regex, .effective = effective});
}

void record_done(ShellParts& shell, const Expectation& expectation, std::string_view text,
                 const std::vector<std::string_view>& captures) {
    const auto encoded = report::encode_texts(captures);
    shell.journal.record(events::MatchDone{.matched = text,
                                           .elapsed = expectation.elapsed(),
                                           .captures = encoded,
                                           .buffer_seq = shell.output.last_event()});
    shell.journal.progress(".");
    shell.journal.count_match(expectation.deadline(), false);
}

Shell::Matched take(ShellParts& shell, const Expected& expected) {
    Shell::Matched matched;
    const auto& groups = expected.matcher.found().groups;
    matched.captures.reserve(groups.size());
    for (const auto& group : groups) {
        matched.captures.push_back(group.begin == match::Found::npos
                                       ? exec::Value()
                                       : exec::Value(shell.output.buffer().view(group.begin, group.end)));
    }
    matched.text = matched.captures.empty() ? exec::Value() : matched.captures[0];
    shell.output.consume(groups[0].end);
    return matched;
}

/// `? ^ready$`, `= text`.
std::string described(const exec::PatternSpec& spec, std::string_view text) {
    return (spec.is_regex ? "? " : "= ") + std::string(text);
}

std::string described_all(const std::vector<exec::PatternSpec>& specs) {
    std::string encoded;
    for (const auto& spec : specs)
        report::append_encoded_text(encoded, described(spec, spec.text.view()));
    return encoded;
}

/// Moves the cursor behind the match that ends last.
void take_all(ShellParts& shell, const Expectation& expectation, std::span<const Expected> all) {
    match::Position farthest = shell.output.cursor();
    std::uint32_t advance_to = 0;
    for (const auto& expected : all) {
        const auto end = expected.found().end;
        if (end >= farthest) advance_to = expected.event;
        farthest = std::max(farthest, end);
    }
    shell.output.consume(farthest);
    shell.journal.record(events::MultiMatchDone{.advance_to = advance_to, .elapsed = expectation.elapsed()});
    shell.journal.progress(".");
    shell.journal.count_match(expectation.deadline(), false);
}

void fail_by_timeout(ShellParts& shell, const Deadline& deadline, std::span<const Expected> all) {
    const auto& name = shell.journal.name();
    auto& failure = shell.failure.set(report::FailureKind::MultiMatch,
                                      "multimatch in shell '" + name + "' did not satisfy all patterns");
    const auto matched = std::count_if(all.begin(), all.end(), std::mem_fn(&Expected::matched));
    failure.message = "multimatch did not satisfy all patterns in shell '" + name + "' (" +
                      std::to_string(matched) + "/" + std::to_string(all.size()) + " matched)";
    failure.timeout = shell.timeouts.applied(deadline);
    shell.journal.count_match(deadline, true);
    std::string unmatched;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].matched()) report::append_encoded_text(unmatched, std::to_string(i));
    }
    shell.journal.record(events::MultiMatchTimeout{.unmatched = unmatched,
                                                   .effective = shell.timeouts.recorded(deadline.timeout)});
}

/// Tells what has become of each pattern, for the failure that there is.
void tell_patterns(ShellParts& shell, const std::vector<exec::PatternSpec>& specs,
                   std::span<const Expected> all) {
    const bool timed_out = shell.failure->kind == report::FailureKind::MultiMatch;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string_view what = all[i].matched() ? "matched:     "
                                      : timed_out      ? "timed out:   "
                                                       : "not matched: ";
        shell.failure->patterns.push_back(std::string(what) +
                                          described(specs[i], visible(specs[i].text.view(), false)));
    }
}

}  // namespace

io::Task<std::optional<Shell::Matched>> Shell::match(const exec::PatternSpec& spec, const Timeout& timeout) {
    auto pattern = parts_.compile(spec);
    if (!pattern) co_return std::nullopt;
    const Deadline deadline = parts_.timeouts.deadline_for(timeout, place());
    record_start(parts_, spec, deadline);
    Expected expected(std::move(pattern), parts_.output.cursor());
    Expectation expectation(parts_, {&expected, 1}, deadline);
    const ShellWaiting told{Kind::Match, spec.text.view(), deadline.start, deadline.at};
    const ShellJournal::WaitNote note(parts_.journal, told);
    co_await parts_.wait.until_over(expectation);
    if (expectation.end() == End::Matched) {
        auto matched = take(parts_, expected);
        std::vector<std::string_view> captures;
        if (spec.is_regex) {
            for (const auto& capture : matched.captures)
                captures.push_back(capture.view());
        }
        record_done(parts_, expectation, matched.text.view(), captures);
        co_return matched;
    }
    if (expectation.end() == End::Exited) co_await parts_.fail_exited();
    if (expectation.end() == End::TooComplex) parts_.failure.set_too_complex();
    if (expectation.end() == End::TimedOut) fail_match(spec, expected.matcher, deadline);
    if (parts_.failure) {
        parts_.failure->pattern = spec.text.view();
        parts_.failure->pattern_is_regex = spec.is_regex;
    }
    co_return std::nullopt;
}

void Shell::fail_match(const exec::PatternSpec& spec, const match::Matcher& matcher,
                       const Deadline& deadline) {
    auto& failure = parts_.failure.set(
        report::FailureKind::MatchTimeout,
        "match timeout in shell '" + name() + "': timed out waiting for " + visible(spec.text.view(), false));
    failure.timeout = parts_.timeouts.applied(deadline);
    describe_state(failure);
    parts_.journal.count_match(deadline, true);
    parts_.journal.record(events::Timeout{.pattern = spec.text.view(),
                                          .buffer_seq = 0,
                                          .effective = parts_.timeouts.recorded(deadline.timeout)});
    late_look_.begin(matcher, deadline);
}

io::Task<bool> Shell::match_prompt() {
    exec::PatternSpec spec;
    spec.text = exec::Value(parts_.output.prompts().prompt());
    const Deadline deadline = parts_.timeouts.deadline_for(Timeout(), place());
    record_start(parts_, spec, deadline);
    Expected expected(match::Pattern::literal(spec.text.view()), parts_.output.cursor());
    Prompt prompt(parts_, {&expected, 1}, deadline, input_.reader());
    const ShellWaiting told{Kind::Match, spec.text.view(), deadline.start, deadline.at};
    const ShellJournal::WaitNote note(parts_.journal, told);
    co_await parts_.wait.until_over(prompt);
    if (prompt.end() == End::Matched) {
        const auto end = prompt.prompt_end();
        parts_.output.record_matched(end - spec.text.view().size(), end);
        parts_.output.consume(end);
        record_done(parts_, prompt, spec.text.view(), {});
        co_return true;
    }
    if (prompt.end() == End::Exited) co_await parts_.fail_exited();
    if (prompt.end() == End::TimedOut) {
        fail_match(spec, expected.matcher, deadline);
        if (prompt.has_been_printed())
            parts_.failure->notes.push_back(
                "the text of the prompt has come, but the shell did not wait for "
                "input behind it: `" +
                visible(parts_.process.io().foreground(), false) + "` was running");
    }
    if (parts_.failure) parts_.failure->pattern = spec.text.view();
    co_return false;
}

io::Task<bool> Shell::multi_match(const std::vector<exec::PatternSpec>& specs, const Timeout& timeout) {
    std::vector<Expected> all;
    for (const auto& spec : specs) {
        auto pattern = parts_.compile(spec);
        if (!pattern) co_return false;
        all.emplace_back(std::move(pattern), parts_.output.cursor());
    }
    const Deadline deadline = parts_.timeouts.deadline_for(timeout, place());
    const auto number = parts_.journal.record(events::MultiMatch{.shell = name()});
    const ShellJournal::OpenSpan span(parts_.journal, number);
    const ShellWaiting told{Kind::MultiMatch, {}, deadline.start, deadline.at};
    const ShellJournal::WaitNote note(parts_.journal, told);

    const auto patterns = described_all(specs);
    parts_.journal.record(events::MultiMatchStart{.effective = parts_.timeouts.recorded(deadline.timeout),
                                                  .patterns = patterns});
    PatternSet set(parts_, all, deadline, specs);
    co_await parts_.wait.until_over(set);
    if (set.end() == End::Matched) take_all(parts_, set, all);
    if (set.end() == End::Exited) co_await parts_.fail_exited();
    if (set.end() == End::TooComplex) parts_.failure.set_too_complex();
    if (set.end() == End::TimedOut) {
        fail_by_timeout(parts_, deadline, all);
        describe_state(*parts_.failure);
    }
    if (parts_.failure) tell_patterns(parts_, specs, all);
    co_return set.end() == End::Matched;
}

}  // namespace relux::run

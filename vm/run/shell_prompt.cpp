// See shell.h: the prompt, at the start of a shell and behind its commands.
#include <algorithm>

#include "vm/base/text.h"
#include "vm/run/shell.h"
#include "vm/run/shell_patience.h"

namespace relux::run {

using match::Matcher;

namespace {

/// Start-up files may set a prompt of their own; after this long without ours it is set by typing.
constexpr Duration kPromptPatience = std::chrono::milliseconds(250);

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

io::Task<bool> Shell::find_prompt() {
    const exec::TimeoutSpec from_configuration;
    const Deadline deadline = deadline_for(from_configuration);
    Matcher matcher(match::Pattern::literal(test_.settings().shell.prompt), buffer_.cursor());
    io::Time type_it_at = add(deadline.start, kPromptPatience);
    const WaitGuard waiting(*this,
                            {Wait::Prompt, test_.settings().shell.prompt, deadline.start, deadline.at});
    while (!activity_.stopped()) {
        if (matcher.advance(buffer_, false) == Matcher::State::Matched) {
            const auto end = matcher.found().groups[0].end;
            record_matched(matcher.found().groups[0].begin, end);
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

// The text alone is not enough: it stands wherever a program has printed it.
io::Task<bool> Shell::match_prompt() {
    exec::PatternSpec spec;
    spec.text = exec::Value(prompts_.prompt());
    const Deadline deadline = deadline_for(exec::TimeoutSpec());
    const auto effective = recorded(deadline.timeout);
    test_.record(report::EventKind::MatchStart, place(), {spec.text.view(), std::int64_t(0), effective});
    const auto pattern = match::Pattern::literal(prompts_.prompt());
    Matcher matcher(pattern, buffer_.cursor());
    const WaitGuard waiting(*this, {Wait::Match, spec.text.view(), deadline.start, deadline.at});
    ReaderPoll poll;
    auto seen = buffer_.end();
    while (!activity_.stopped()) {
        if (looks_for_fail_pattern()) {
            co_await fail_pattern_looked_for();
            continue;
        }
        if (matcher.base() < buffer_.cursor()) matcher = Matcher(pattern, buffer_.cursor());
        const bool printed = matcher.advance(buffer_, false) == Matcher::State::Matched;
        auto end = printed ? prompts_.find(buffer_) : std::nullopt;
        if (printed && !end) {
            const AtPrompt at_prompt = look_for_prompt();
            if (at_prompt == AtPrompt::Yes) end = prompts_.find(buffer_);
            if (at_prompt == AtPrompt::Unknown) end = matcher.found().groups[0].end;
        }
        const auto now = test_.loop().now();
        if (end) {
            record_matched(*end - prompts_.prompt().size(), *end);
            consume(*end);
            test_.record(report::EventKind::MatchDone, place(),
                         {spec.text.view(), now - deadline.start, report::encode_texts({}),
                          static_cast<std::int64_t>(buffer_seq_)});
            test_.progress(".");
            record_margin(deadline, false);
            co_return true;
        }
        if (output_is_over()) {
            co_await fail_exited();
        } else if (now >= deadline.at) {
            fail_match(spec, matcher, deadline);
            if (printed)
                failure_->notes.push_back(
                    "the text of the prompt has come, but the shell did not wait for "
                    "input behind it: `" +
                    visible(io_->foreground(), false) + "` was running");
        }
        if (failure_) {
            failure_->pattern = spec.text.view();
            co_return false;
        }
        // Behind what a program has printed the prompt is still to come.
        let_go(printed ? buffer_.end() : matcher.needs_from());
        if (seen != buffer_.end()) poll.restart();
        seen = buffer_.end();
        io::Time until = deadline.at;
        if (printed) until = std::min(until, add(now, poll.next()));
        if (exit_status_) until = std::min(until, add(exited_at_, kOrphanedTerminal));
        wake_at(until);
        co_await changed_.wait();
    }
    co_return false;
}

Shell::AtPrompt Shell::look_for_prompt() {
    if (!test_.settings().wait_for_reader) return AtPrompt::Unknown;
    if (exit_status_) return AtPrompt::NotYet;
    const auto state = io_->reader_state();
    if (state == io::ReaderState::Unknown) return AtPrompt::Unknown;
    // What waits is read in the next turn of the loop.
    if (state == io::ReaderState::Busy || io_->output_waits()) return AtPrompt::NotYet;
    // A program that reads behind the prompt is a shell too, started by hand or by a wrapper, or a relay to
    // one.
    if (!io_->shell_waits() && !prompts_.at_prompt(buffer_)) return AtPrompt::NotYet;
    prompts_.seen_waiting(buffer_.end());
    if (io_->shell_waits()) known_to_wait_ = {buffer_.end(), test_.loop().now()};
    return AtPrompt::Yes;
}

}  // namespace relux::run

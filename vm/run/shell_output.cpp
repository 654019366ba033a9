#include "vm/run/shell_output.h"

#include <algorithm>

#include "vm/run/shell_patience.h"

namespace relux::run {

namespace {

/// Unread output kept while a match waits: as much as the explanation of a time-out looks at (near_miss.cpp).
constexpr match::Position kUnreadKept = 1 << 20;
/// How many moves of the cursor are remembered for near misses.
constexpr std::size_t kConsumptions = 64;
/// Language 5.6: output that has been quiet for this long settles a tentative match.
constexpr Duration kSettleTime = std::chrono::milliseconds(20);
/// After the shell's process has ended, how long its terminal may stay open before its output counts as over.
constexpr Duration kOrphanedTerminal = std::chrono::milliseconds(100);

std::int64_t recorded(match::Position position) {
    return static_cast<std::int64_t>(position);
}

}  // namespace

ShellOutput::ShellOutput(AttemptContext& test, ShellJournal& journal, const ShellProcess& process)
    : test_(test),
      journal_(journal),
      process_(process),
      buffer_(test.settings().shell.buffer_limit, &test.resources().shared.memory),
      prompts_(test.settings().shell.prompt) {}

// Arrival

void ShellOutput::append(std::string_view bytes, io::Time now) {
    last_arrival_ = now;
    const auto offset = buffer_.end();
    if (const auto dropped = buffer_.append(bytes); dropped > 0) {
        const auto message = "output buffer full: " + std::to_string(dropped) + " unread bytes dropped";
        journal_.record(events::Log{.message = message});
        const auto begin = buffer_.cursor();
        journal_.record(events::BufferDropped{.begin = recorded(begin - dropped), .end = recorded(begin)});
    }
    test_.recorder().record_output(journal_.place(), bytes);
    last_event_ =
        journal_.record(events::BufferGrew{.begin = recorded(offset), .end = recorded(buffer_.end())});
}

bool ShellOutput::is_quiet(io::Time now) const {
    return now - last_arrival_ >= kSettleTime && !waits_to_be_read();
}

io::Time ShellOutput::quiet_at(io::Time now) const {
    return std::max(add(last_arrival_, kSettleTime), add(now, kTurn));
}

bool ShellOutput::is_over(io::Time now) {
    if (!buffer_.closed() && process_.exit_status() && now - process_.exited_at() >= kOrphanedTerminal)
        buffer_.close();
    return buffer_.closed();
}

io::Time ShellOutput::over_at() const {
    return process_.exit_status() ? add(process_.exited_at(), kOrphanedTerminal) : kNever;
}

// Matchers

match::Matcher::State ShellOutput::look(match::Matcher& matcher, Settle settle, io::Time now) const {
    constexpr auto kShort = match::Pattern::Effort::Short;
    const auto state = matcher.advance(buffer_, false, kShort);
    if (state != match::Matcher::State::Tentative || settle == Settle::Later) return state;
    if (settle == Settle::WhenQuiet && !is_quiet(now)) return state;
    return matcher.advance(buffer_, true, kShort);
}

void ShellOutput::release() {
    match::Position needed = buffer_.cursor();
    if (watcher_ != nullptr) needed = std::min(needed, watcher_->needs_from());
    buffer_.release(needed);
}

// The cursor

void ShellOutput::record_matched(match::Position begin, match::Position end) {
    last_event_ = journal_.record(events::BufferMatched{.cursor = recorded(buffer_.cursor() - let_go_),
                                                        .begin = recorded(begin),
                                                        .end = recorded(end),
                                                        .arrived = recorded(buffer_.end())});
}

void ShellOutput::consume(match::Position end) {
    let_go_ = 0;
    buffer_.consume(end);
    prompts_.consumed(end);
    release();
    if (consumptions_.size() == kConsumptions) consumptions_.erase(consumptions_.begin());
    const auto& by = journal_.statement();
    consumptions_.push_back({end, by.file, by.line});
}

void ShellOutput::reset() {
    last_event_ = journal_.record(
        events::BufferReset{.begin = recorded(buffer_.cursor() - let_go_), .end = recorded(buffer_.end())});
    consume(buffer_.end());
}

void ShellOutput::let_go(match::Position needed) {
    const auto unread = buffer_.end() - buffer_.cursor();
    if (unread < 2 * kUnreadKept) return;
    const auto to = std::min(needed, buffer_.end() - kUnreadKept);
    if (to <= buffer_.cursor()) return;
    let_go_ += to - buffer_.cursor();
    buffer_.consume(to);
    release();
}

// Messages

void ShellOutput::describe(report::Failure& failure) const {
    const auto unread = buffer_.unread();
    const auto shown = std::min(unread.size(), kOutputTail);
    failure.shell = journal_.name();
    failure.output_tail = unread.substr(unread.size() - shown);
    // What let_go() took came before all that is left.
    const auto head = let_go_ > 0 ? 0 : std::min(unread.size() - shown, kOutputHead);
    failure.output_head = unread.substr(0, head);
    failure.output_omitted = unread.size() - shown - head + let_go_;
    if (buffer_.dropped() == 0) return;
    const bool of_the_run = buffer_.ran_out_of_budget();
    failure.notes.push_back((of_the_run ? "the output of all shells filled the memory of the run: "
                                        : "the output buffer was full: ") +
                            std::to_string(buffer_.dropped()) + " unread bytes were dropped; raise " +
                            (of_the_run ? "[run] memory_limit" : "[shell] buffer_limit") +
                            ", or match earlier");
}

HeldOutput ShellOutput::held() const {
    HeldOutput held;
    held.shell = journal_.name();
    held.text = buffer_.view(buffer_.begin(), buffer_.end());
    held.begin = buffer_.begin();
    held.cursor = buffer_.cursor() - buffer_.begin();
    held.consumptions = &consumptions_;
    return held;
}

}  // namespace relux::run

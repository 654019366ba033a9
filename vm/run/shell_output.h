// The output of a shell: what of it is unread, where the cursor has been moved to and by whom, when it is
// quiet, when it is over, and the one place that looks at it with a matcher.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vm/io/loop.h"
#include "vm/match/matcher.h"
#include "vm/match/output_buffer.h"
#include "vm/report/outcome.h"
#include "vm/run/attempt_context.h"
#include "vm/run/near_miss.h"
#include "vm/run/prompt_watch.h"
#include "vm/run/shell_journal.h"
#include "vm/run/shell_process.h"

namespace relux::run {

class ShellOutput {
  public:
    /// All outlive this.
    ShellOutput(AttemptContext& test, ShellJournal& journal, const ShellProcess& process);

    const match::OutputBuffer& buffer() const { return buffer_; }
    match::Position cursor() const { return buffer_.cursor(); }
    /// The number of the last event of the buffer, for the events that follow from it.
    std::uint32_t last_event() const { return last_event_; }
    /// Which places of the output are prompts.
    PromptWatch& prompts() { return prompts_; }
    const PromptWatch& prompts() const { return prompts_; }

    // Arrival

    void append(std::string_view bytes, io::Time now);
    void close() { buffer_.close(); }
    io::Time last_arrival() const { return last_arrival_; }
    /// There is more, which has not been read yet.
    bool waits_to_be_read() const { return process_.output_waits(); }
    /// Nothing has come for a while, and nothing waits to be read: what a match that could go on has so far
    /// is what it gets. A loop that was busy may be late for both.
    bool is_quiet(io::Time now) const;
    /// The time to ask that again.
    io::Time quiet_at(io::Time now) const;
    /// True once the shell is gone and nothing more will come.
    bool is_over(io::Time now);
    /// The time to ask that again; kNever: once something happens.
    io::Time over_at() const;

    // Matchers

    /// Says when output that may go on counts as it is.
    enum class Settle : std::uint8_t {
        Later,      ///< whoever looks will look again
        WhenQuiet,  ///< at once if it is quiet
        Now,
    };
    /// Language 5.6, the settled rule. A closed output is settled in any case.
    match::Matcher::State look(match::Matcher& matcher, Settle settle, io::Time now) const;
    /// Besides whatever waits, `matcher` looks at the output; null: nobody. Outlives this, or the next call.
    void keep_for(const match::Matcher* matcher) { watcher_ = matcher; }
    /// Forgets what nobody can look at any more.
    void release();

    // The cursor

    /// Records a match, before the cursor moves.
    void record_matched(match::Position begin, match::Position end);
    /// Moves the cursor behind a match.
    void consume(match::Position end);
    /// Moves it behind the first prompt, which no statement has asked for.
    void consume_first_prompt(match::Position end) { buffer_.consume(end); }
    /// Moves it behind all that there is.
    void reset();
    /// Drops output that a waiting match has seen and can't need any more, if it is much: all before
    /// `needed`, as if it had been consumed.
    void let_go(match::Position needed);

    // Messages

    /// The last output after the cursor.
    void describe(report::Failure& failure) const;
    /// Views are valid until output arrives.
    HeldOutput held() const;

  private:
    AttemptContext& test_;
    ShellJournal& journal_;
    const ShellProcess& process_;
    match::OutputBuffer buffer_;
    PromptWatch prompts_;
    std::vector<Consumption> consumptions_;  ///< the last ones, oldest first
    const match::Matcher* watcher_ = nullptr;
    std::uint64_t let_go_ = 0;  ///< unread bytes that let_go() took since the cursor was moved
    std::uint32_t last_event_ = 0;
    io::Time last_arrival_{0};
};

}  // namespace relux::run

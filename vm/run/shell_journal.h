// All that is told of a shell: logs, events and where they belong, margins, statistics, and
// what it waits for now. Decides nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "vm/exec/program.h"
#include "vm/io/loop.h"
#include "vm/io/task.h"
#include "vm/report/shell_log.h"
#include "vm/run/attempt_context.h"
#include "vm/run/shell_senders.h"
#include "vm/run/shell_timeouts.h"

namespace relux::run {

/// Says what an operation of a shell waits for.
struct ShellWaiting {
    enum class Kind : std::uint8_t { Nothing, Prompt, Reader, Match, MultiMatch, Sleep };
    Kind kind = Kind::Nothing;
    std::string_view text;  ///< held by the operation that waits
    io::Time since{0};
    io::Time until{0};
};

class ShellJournal {
  public:
    /// `test` outlives this. `name` is what users call the shell, `log_name` what its files are called.
    ShellJournal(AttemptContext& test, std::string name, std::string log_name);

    const std::string& name() const { return name_; }
    void rename(std::string name) { name_ = std::move(name); }
    const std::string& log_name() const { return log_name_; }
    std::uint32_t number() const { return number_; }

    // Places of events

    /// The statement that runs. `module` outlives this.
    void set_statement(const exec::LinkedModule& module, const bytecode::Span& span) {
        statement_ = {&module.code.name, span.line};
        span_of_statement_ = span;
        module_ = module.number + 1;
    }
    const StatementLine& statement() const { return statement_; }
    /// The span of the shell's events.
    void set_span(std::uint32_t span) { span_ = span; }
    std::uint32_t span() const { return span_; }
    /// The span of the block that runs, or ran last.
    void set_block(std::uint32_t span) { block_ = span; }
    report::EventPlace place() const;
    /// The place of the block, not of what runs in it.
    report::EventPlace place_of_block() const;

    // Events

    /// The number of the event; 0 when there is no room for it.
    template <class Record>
    std::uint32_t record(const Record& event) {
        return test_.recorder().record(place(), event);
    }
    void progress(std::string_view text) { test_.recorder().progress(text); }
    void warn(std::string message) { test_.recorder().warn(std::move(message)); }
    /// A span that the shell's events belong to until this goes.
    class OpenSpan {
      public:
        OpenSpan(ShellJournal& journal, std::uint32_t span)
            : journal_(journal), outer_(journal.span_), span_(span) {
            if (span != 0) journal.span_ = span;
        }
        OpenSpan(const OpenSpan&) = delete;
        OpenSpan& operator=(const OpenSpan&) = delete;
        ~OpenSpan() {
            journal_.test_.recorder().end_span(span_);
            journal_.span_ = outer_;
        }

      private:
        ShellJournal& journal_;
        std::uint32_t outer_;
        std::uint32_t span_;
    };

    // Logs and traces

    /// Without a log, which is warned of, all goes on.
    void open_log();
    io::Task<void> close_log();
    /// `text` is about to be sent, which may take a while.
    void begin_send(std::string_view text);
    /// `newline`: the last byte is one that the test did not write.
    void sent(std::string_view bytes, bool newline, io::Time now);
    void received(std::string_view bytes, io::Time now);
    void ended();

    // Statistics

    void count_work(report::ShellWork work, io::Time since);
    void count_match(const Deadline& deadline, bool timed_out);
    void count_fail_pattern() { ++test_.resources().statistics.fail_patterns; }

    // Waits

    /// Says so until this goes, and counts how long that was.
    class WaitNote {
      public:
        WaitNote(ShellJournal& journal, const ShellWaiting& waiting) : journal_(journal) {
            journal.waiting_ = waiting;
        }
        WaitNote(const WaitNote&) = delete;
        WaitNote& operator=(const WaitNote&) = delete;
        ~WaitNote() {
            journal_.count_wait();
            journal_.waiting_ = ShellWaiting();
        }

      private:
        ShellJournal& journal_;
    };
    /// The time at which the present wait has begun.
    io::Time waits_since() const { return waiting_.since; }
    /// `waiting for ^ready$, 1.2 s of 5s`; empty while it waits for nothing. `process` says who has the
    /// terminal.
    std::string waiting_for(const io::ShellIo* process) const;

  private:
    void count_wait();

    AttemptContext& test_;
    std::string name_;
    std::string log_name_;
    std::uint32_t number_;
    std::unique_ptr<report::ShellLog> log_;
    StatementLine statement_;
    bytecode::Span span_of_statement_;
    std::uint32_t span_ = 0;
    std::uint32_t block_ = 0;
    std::uint32_t module_ = 0;                  ///< its number plus 1
    std::optional<io::Time> unanswered_since_;  ///< of the first send that no output has followed
    ShellWaiting waiting_;
};

}  // namespace relux::run

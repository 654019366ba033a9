// The watch of a shell's fail pattern (language 8): looks at all that comes, and stops the test at a hit.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "vm/io/loop.h"
#include "vm/match/matcher.h"
#include "vm/report/outcome.h"
#include "vm/run/shell_hit_line.h"
#include "vm/run/shell_journal.h"
#include "vm/run/shell_output.h"
#include "vm/run/shell_search.h"
#include "vm/run/shell_wait.h"

namespace relux::run {

/// A fail pattern in force. Shared by the shell and by saved states of callers.
struct FailPattern {
    std::shared_ptr<const match::Pattern> pattern;
    std::string set_at;  ///< `relux/tests/a.relux:4`
    match::Matcher matcher;
};

class FailWatch {
  public:
    /// All outlive this.
    FailWatch(AttemptContext& test, ShellWait& wait, ShellJournal& journal, ShellOutput& output);
    FailWatch(const FailWatch&) = delete;
    FailWatch& operator=(const FailWatch&) = delete;

    /// Called at a hit, or when the pattern is too complex, from whatever looks.
    std::function<void(report::Failure)> on_hit;

    const std::shared_ptr<FailPattern>& in_force() const { return in_force_; }
    void set(std::shared_ptr<const match::Pattern> pattern, std::string set_at);
    /// Null: none is in force any more.
    void restore(std::shared_ptr<FailPattern> pattern);
    void clear() { restore(nullptr); }
    /// Hits nothing any more.
    void end();

    /// Looks at what has come.
    void look() { look(ShellOutput::Settle::Later); }
    /// The search in what has arrived goes on beside the loop. Nothing that the test says may happen before
    /// its end, or it would matter how long it takes.
    bool searches() const { return search_ != nullptr; }
    /// Returns when that is over, or all is stopped.
    io::Task<void> searched();

    HitLine& line() { return line_; }

  private:
    void look(ShellOutput::Settle settle);
    void search_ended();
    void report_hit(const FailPattern& pattern);
    void report_too_complex(const FailPattern& pattern);

    AttemptContext& test_;
    ShellWait& wait_;
    ShellJournal& journal_;
    ShellOutput& output_;
    std::shared_ptr<FailPattern> in_force_;
    std::unique_ptr<SearchBeside> search_;
    std::unique_ptr<io::Timer> settle_timer_;
    HitLine line_;
    bool ended_ = false;
};

}  // namespace relux::run

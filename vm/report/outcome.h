// Outcomes say as data what became of a test: reports render them, exit codes follow from them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/base/duration.h"
#include "vm/base/timeout.h"
#include "vm/report/source_place.h"

namespace relux::report {

enum class OutcomeKind : std::uint8_t { Passed, Failed, Cancelled, Skipped, Invalid };
/// `pass fail cancelled skipped invalid`, as run_summary.toml spells them.
std::string_view outcome_name(OutcomeKind kind);

enum class FailureKind : std::uint8_t {
    MatchTimeout,
    FailPattern,
    ShellExited,
    TestTimeout,
    UndeclaredAssignment,
    InvalidRegex,
    PureMatch,
    MultiMatch,
    Runtime,
    Cancelled,
    Leftover,
    Step,
};
/// kebab-case: `match-timeout`, `fail-pattern`, ...
std::string_view failure_kind_name(FailureKind kind);
/// The type that the public reports give it, one of a fixed few: `MatchTimeout`, `FailPatternMatched`,
/// `ShellExited`, `Runtime`, `PureMatch`, `MultiMatch`; `cancelled` for what is no failure.
std::string_view failure_type_name(FailureKind kind);
/// A kind that has this type. Runs of earlier versions are read too: they wrote failure_kind_name(). Nothing
/// for other words.
std::optional<FailureKind> failure_kind_of_type(std::string_view type);

/// One step of the chain from the test to the statement: outermost first.
struct FailureFrame {
    std::string what;  ///< `test "task CRUD"`, `effect Db (started as db)`, `shell client`, `fn
                       ///< http_request/3`, `cleanup`
    SourcePlace place;
    std::string call = {};  ///< as a call stack names it: `call f(s="x")`, `in shell 's'`; empty: it does not
};

/// The time-out that applied and where it came from (language 17).
struct AppliedTimeout {
    Timeout timeout;        ///< as in the source or the configuration
    Duration effective{0};  ///< after scaling
    double multiplier = 1.0;
    std::string origin;  ///< `inline`, `set at relux/tests/a.relux:4`, `[timeout] match`

    /// Where the multiplier of tolerances is `multiplier`.
    static AppliedTimeout of(const Timeout& timeout, double multiplier, std::string origin) {
        return {timeout, timeout.effective(multiplier), timeout.factor(multiplier), std::move(origin)};
    }
};

/// Why a test, or what was left of a run, was cancelled.
struct Cancellation {
    std::string reason;        ///< `test-timeout`, `suite-timeout`, `fail-fast`, `sigint`; empty: it was not
    Duration limit{0};         ///< the time-out that was exceeded, as it applied; 0: there was none
    std::string trigger_test;  ///< of fail-fast: the name of the test that has failed
    std::string origin = {};   ///< of the limit, such as `[timeout] suite`

    bool cancelled() const { return !reason.empty(); }
    /// `cancelled (fail-fast)`
    std::string summary() const { return "cancelled (" + reason + ")"; }
};

/// Where a pure match was made: a function, a shell, or what precedes the shells of a test or an effect.
struct MatchContext {
    std::string type;  ///< `fn`, `shell`, `test-preamble`, `effect-preamble`; empty: there was no pure match
    std::string name;
};

struct Failure {
    FailureKind kind = FailureKind::Runtime;
    std::string summary;  ///< the first line, in the words of language 17
    std::string message;  ///< the same in the words of junit.xml, results.tap, run_summary.toml; empty: the
                          ///< same words
    std::vector<FailureFrame> chain;
    std::optional<AppliedTimeout> timeout;
    std::string shell;  ///< empty when none was involved
    std::string pattern;
    bool pattern_is_regex = false;
    std::string output_tail;            ///< raw bytes after the cursor, the last part of them
    std::string output_head;            ///< raw bytes after the cursor; empty: output_tail has them
    std::uint64_t output_omitted = 0;   ///< bytes between `output_head` and `output_tail`
    std::vector<std::string> notes;     ///< near misses and hints, a sentence each
    std::vector<std::string> patterns;  ///< of a multimatch: a line for each, in source order
    MatchContext context;               ///< of a pure match
    std::string value;                  ///< of a pure match: what was matched
    Cancellation cancellation;          ///< of what was cancelled
    std::optional<int> exit_code;       ///< of a shell that has ended, without a signal
    /// Where it happened, in the event log: the number of the span, 0 for the test itself; nothing: where the
    /// test was.
    std::optional<std::uint32_t> span;
    std::string overlay_of;   ///< the effect whose start evaluates its overlay; empty: it is elsewhere
    std::string shell_state;  ///< of a time-out: what its shell was doing: `at the prompt since 1.9s`
    std::string output_of;  ///< "`./migrate.sh`": the output is what this command printed, and not after the
                            ///< cursor

    const std::string& report_message() const { return message.empty() ? summary : message; }
};

/// An attempt at a flaky test that failed and was followed by another.
struct FailedAttempt {
    Failure failure;
    Duration duration{0};
    std::string log_directory;  ///< below the run directory
};

/// Rounded, as the reports count time.
inline long long whole_milliseconds(Duration duration) {
    return std::chrono::round<std::chrono::milliseconds>(duration).count();
}

/// `duration_ms=300`, `trigger_test=NAME`; empty: there is nothing more to say.
std::string cancellation_detail(const Cancellation& cancellation);

/// Lists what the sends of a test name, as its shells would read them.
struct SentNames {
    std::map<std::string, std::set<std::string>> commands;  ///< by the PATH that the shell had
    std::set<std::string> words;                            ///< that may be paths, but for those in `outputs`
    std::set<std::string> outputs;      ///< written anew by `>` before anything else named them
    std::set<std::string> directories;  ///< that shells were sent to, by `cd` and the like
    std::set<std::string> variables;    ///< of the shells' environment
};

/// `tasks/smoke.relux/task-crud`: how a test is called wherever people read it. `path` alone without a slug.
std::string shown_name(std::string_view path, std::string_view slug);

struct TestResult {
    std::string path;        ///< file below relux/tests: `tasks/smoke.relux`; below the root for others
    std::string name;        ///< as written
    std::string slug;        ///< of the name, with its number; empty: a file whose tests are not known
    std::string file;        ///< where it is written, below the project's root; empty: it was never loaded
    std::uint32_t line = 0;  ///< in `file`, from 1
    OutcomeKind outcome = OutcomeKind::Passed;
    Duration duration{0};
    std::optional<Failure> failure;
    std::vector<std::string> warnings;  ///< from cleanups and the ending of processes
    std::string skip_reason;
    int flaky_retries = 0;
    int most_tries = 0;         ///< that the test could have had; 0: not known
    std::string log_directory;  ///< of the last try, below the run directory; empty: there is none
    std::string progress;       ///< the progress string (cli 2)
    std::vector<FailedAttempt> failed_attempts;  ///< before this one, in order
    std::string cached_because;                  ///< not run: why it is known to pass; empty: it ran
    /// Variables of its environment that it has read; no value: the variable was not set. The runtime's own
    /// are left out.
    std::map<std::string, std::optional<std::string>> variables_read;
    std::map<std::string, std::string> executables_found;  ///< by which(): name to path; empty: not found
    SentNames sent;                                        ///< only with RunSettings::notes_sends
    std::vector<std::string> output;  ///< of a workflow: its lines, as people read them; masked
    std::string report_error;         ///< why its reports are not all there; empty: they are
};

}  // namespace relux::report

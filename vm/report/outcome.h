// What became of a test, as data: reports render it, exit codes follow from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/duration.h"
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
/// kebab-case, for failure_type: `match-timeout`, `fail-pattern`, ...
std::string_view failure_kind_name(FailureKind kind);

/// One step of the chain from the test to the statement: outermost first.
struct FailureFrame {
    std::string what;  ///< `test "task CRUD"`, `effect Db (started as db)`, `shell client`, `fn
                       ///< http_request/3`, `cleanup`
    SourcePlace place;
};

/// The time-out that applied and where it came from (language 17).
struct AppliedTimeout {
    bool assertion = false;
    Duration written{0};    ///< as in the source or the configuration
    Duration effective{0};  ///< after scaling
    double multiplier = 1.0;
    std::string origin;  ///< `inline`, `set at relux/tests/a.relux:4`, `[timeout] match`
};

struct Failure {
    FailureKind kind = FailureKind::Runtime;
    std::string summary;  ///< the first line, in the words of language 17
    std::vector<FailureFrame> chain;
    std::optional<AppliedTimeout> timeout;
    std::string shell;  ///< empty when none was involved
    std::string pattern;
    bool pattern_is_regex = false;
    std::string output_tail;           ///< raw bytes after the cursor, the last part of them
    std::uint64_t output_omitted = 0;  ///< bytes after the cursor before `output_tail`
    std::vector<std::string> notes;    ///< near misses and hints, a sentence each
};

/// An attempt at a flaky test that failed and was followed by another.
struct FailedAttempt {
    Failure failure;
    Duration duration{0};
    std::string log_directory;  ///< below the run directory
};

/// What the sends of a test name, as its shells would read them.
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
    std::string path;  ///< file below relux/tests: `tasks/smoke.relux`; below the root for others
    std::string name;  ///< as written
    std::string slug;  ///< of the name, with its number; empty: a file whose tests are not known
    OutcomeKind outcome = OutcomeKind::Passed;
    Duration duration{0};
    std::optional<Failure> failure;
    std::vector<std::string> warnings;  ///< from cleanups and the ending of processes
    std::string skip_reason;
    int flaky_retries = 0;
    std::string log_directory;                   ///< below the run directory
    std::string progress;                        ///< the progress string (cli 2)
    std::vector<FailedAttempt> failed_attempts;  ///< before this one, in order
    std::string cached_because;                  ///< not run: why it is known to pass; empty: it ran
    /// What it has read of its environment; no value: the variable was not set. The runtime's own are left
    /// out.
    std::map<std::string, std::optional<std::string>> variables_read;
    std::map<std::string, std::string> executables_found;  ///< by which(): name to path; empty: not found
    SentNames sent;                                        ///< only with RunSettings::notes_sends
    std::vector<std::string> output;  ///< of a workflow: its lines, as people read them; masked
    std::string report_error;         ///< why its reports are not all there; empty: they are
};

}  // namespace relux::report

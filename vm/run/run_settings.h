// Everything that decides how a suite runs, resolved from flags and manifest before anything starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vm/base/duration.h"
#include "vm/report/run_mode.h"

namespace relux::run {

// The keys of Relux.toml (settings.def), as members.

struct ShellSettings {
#define SHELL_KEY(key, Type, member, value, ...) Type member = value;
#include "vm/run/settings.def"
};

/// Each with its origin, as reports name it.
struct TimeoutSettings {
#define TIMEOUT_KEY(key, Type, member, value, ...) \
    Type member = value;                           \
    std::string member##_origin = "[timeout] " #key;
#include "vm/run/settings.def"
    double multiplier = 1.0;  ///< of tolerances, applied when a timer is armed and nowhere else
};

/// How many tests at once, as a user asks for it.
struct Jobs {
    int count = 1;           ///< 0: one per core
    bool automatic = false;  ///< as many as the machine has room for
    bool operator==(const Jobs&) const = default;
};

/// As asked for by manifest and flags.
struct ProjectSettings {
    ShellSettings shell;
    TimeoutSettings timeout;
#define PROJECT_KEY(...)
#define SHELL_KEY(...)
#define TIMEOUT_KEY(...)
#define KEY(table, key, Type, member, value, ...) Type member = value;
#include "vm/run/settings.def"
};

/// The same, and what it comes to on this machine, for this run.
struct RunSettings : ProjectSettings {
    int jobs = 1;     ///< tests at once
    int threads = 1;  ///< that tests are spread over, each with a loop of its own; at least 1
    bool automatic_jobs =
        false;  ///< `-j auto`: `jobs` is how many at first, then as many as the machine has room for
    bool fail_fast = false;
    bool fail_fast_ends_running = true;  ///< else what runs when a test fails goes on to its end
    bool notes_sends = false;            ///< TestResult::sent is wanted
    std::size_t deepest_call = 100;      ///< of workflows by workflows
    bool reports = true;                 ///< off: nothing is written below the run directory
    bool test_timeout_cancels =
        false;  ///< edition 0.8: a test that runs past its time-out is cancelled, not failed
    std::filesystem::path suite_root;     ///< directory of Relux.toml, absolute
    std::filesystem::path run_directory;  ///< absolute, exists
    std::string run_id;
    std::string program;  ///< path of the running binary
    std::map<std::string, std::string>
        environment;  ///< the host's; the runtime's own names are added by the run
    /// While fewer tests than this may run at once, the first shells of a test are started when the shells of
    /// the test before are ending. 0: never. Meant for the number of processors: with more tests none is
    /// idle.
    int early_shell_jobs = 2;
    bool wait_for_reader = true;  ///< language 6.1; off only to show what it is for
};

}  // namespace relux::run

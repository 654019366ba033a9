// Everything that decides how a suite runs, resolved from flags and manifest before anything starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "vm/base/duration.h"

namespace relux::run {

struct ShellSettings {
    std::vector<std::string> command = {"/bin/sh"};
    std::string prompt = "relux> ";
    std::string term = "dumb";
    std::uint16_t columns = 65535;
    std::uint16_t rows = 24;
    std::size_t buffer_limit = 64u << 20;  ///< bytes
};

struct TimeoutSettings {
    Duration match = std::chrono::seconds(5);
    Duration test = std::chrono::minutes(5);
    Duration suite = std::chrono::minutes(10);
    std::string match_origin = "[timeout] match";
    std::string test_origin = "[timeout] test";
    std::string suite_origin = "[timeout] suite";
    double multiplier = 1.0;  ///< of tolerances, applied when a timer is armed and nowhere else
};

struct RunSettings {
    ShellSettings shell;
    TimeoutSettings timeout;
    int jobs = 1;     ///< tests at once
    int threads = 1;  ///< that tests are spread over, each with a loop of its own; at least 1
    bool automatic_jobs =
        false;  ///< `-j auto`: `jobs` is how many at first, then as many as the machine has room for
    bool fail_fast = false;
    bool fail_fast_ends_running = true;  ///< else what runs when a test fails goes on to its end
    bool notes_sends = false;            ///< TestResult::sent is wanted
    std::size_t deepest_call = 100;      ///< of workflows by workflows
    bool reports = true;                 ///< off: nothing is written below the run directory
    bool leftover_fails =
        false;  ///< `[run] leftover = "fail"`: a test fails whose processes had to be killed
    bool test_timeout_cancels =
        false;  ///< edition 0.8: a test that runs past its time-out is cancelled, not failed
    int flaky_retries = 0;
    double flaky_multiplier = 1.5;
    /// Bytes of unread output and of events that all tests that run may hold together; 0: a quarter of the
    /// memory that there is.
    std::size_t memory_limit = 0;
    int port_range_start = 1024;
    int port_range_end = 32767;
    std::filesystem::path suite_root;     ///< directory of Relux.toml, absolute
    std::filesystem::path run_directory;  ///< absolute, exists
    /// `[report] environment = "all"`: reports show variables of the host that no test has read.
    bool shows_environment = false;
    std::vector<std::string> mask;  ///< `[report] mask`: names and globs of more secret variables
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

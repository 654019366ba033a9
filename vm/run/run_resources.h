// The tests of one run share this: the whole run whatever thread a test is on, and the tests of one loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "vm/base/memory_budget.h"
#include "vm/exec/program.h"
#include "vm/io/loop.h"
#include "vm/match/pattern.h"
#include "vm/report/run_statistics.h"
#include "vm/report/secrets.h"
#include "vm/report/test_report.h"
#include "vm/run/margins.h"
#include "vm/run/port_pool.h"
#include "vm/run/run_settings.h"
#include "vm/run/run_trace.h"
#include "vm/run/shell_pool.h"

namespace relux::run {

struct TestCase;

/// Counts the shells that are open, over all tests of a run.
class OpenShells {
  public:
    void add();
    void remove() { count_.fetch_sub(1, std::memory_order_relaxed); }
    std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
    std::uint64_t most() const { return most_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> count_ = 0;
    std::atomic<std::uint64_t> most_ = 0;
};

/// Shared by all tests of one run, whatever thread they are on.
struct SharedResources {
    explicit SharedResources(const RunSettings& settings);

    PortPool ports;
    OpenShells shells;
    std::atomic<int> tests_running = 0;
    ShellPool pool;
    MemoryBudget memory;  ///< for unread output and events
};

/// Shared by the tests of one run on one loop.
struct RunResources {
    io::Loop& loop;
    const RunSettings& settings;
    SharedResources& shared;
    match::PatternCache& patterns;
    /// Shells that have ended; destroyed from a fresh callback, never inside one of their own.
    std::vector<std::unique_ptr<io::ShellIo>> retired;
    MatchMargins margins = {};
    report::RunSecrets secrets = {};
    const exec::Program* program = nullptr;
    report::QuotedText quoted_source = {};
    /// Gets what workflows show, as it comes about; may be null.
    std::function<void(const TestCase&, std::string_view)> on_output = nullptr;
    report::RunStatistics statistics = {};
    RunTrace* trace = nullptr;  ///< null: nobody wants one
    /// Called with the time from a send to the output after it; empty: nobody wants to know.
    std::function<void(Duration)> on_round_trip = {};

    void retire(std::unique_ptr<io::ShellIo> shell);
};

}  // namespace relux::run

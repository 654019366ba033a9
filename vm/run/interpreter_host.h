// The world that the interpreter of one attempt sees: the environment, ports, clocks, random bytes, searches
// in values, and the event log for what it notes. Remembers what was read, for incremental runs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vm/exec/host.h"
#include "vm/exec/interp.h"
#include "vm/io/task.h"
#include "vm/match/long_search.h"
#include "vm/report/event_log.h"
#include "vm/report/secrets.h"
#include "vm/run/base_environment.h"
#include "vm/run/event_recorder.h"
#include "vm/run/run_resources.h"

namespace relux::run {

class InterpreterHost final : public exec::Host {
  public:
    /// All outlive it. Variables are learned by `secrets`.
    InterpreterHost(RunResources& resources, const BaseEnvironment& environment, EventRecorder& recorder,
                    report::Secrets& secrets);
    ~InterpreterHost() override { give_back_ports(); }
    InterpreterHost(const InterpreterHost&) = delete;
    InterpreterHost& operator=(const InterpreterHost&) = delete;

    exec::Interpreter& interpreter() { return interpreter_; }
    /// Runs `fiber`; a long search is left to finish_search().
    exec::Exit run(exec::Fiber& fiber);
    /// Makes the search that the interpreter has just stopped for beside the loop. Call run() right after it,
    /// with the same fiber.
    io::Task<void> finish_search();
    /// Makes a search on another thread.
    io::Task<void> run_beside(const std::shared_ptr<match::LongSearch>& search);

    /// Where what the interpreter does next belongs: the span and shell of `place`.
    void set_note_place(const report::EventPlace& place);
    /// The span of what the interpreter does, or did last: of the pure function that runs, if there is one.
    std::uint32_t note_span() const { return pure_calls_.empty() ? note_place_.span : pure_calls_.back(); }

    /// The part of the base environment that has been read.
    const std::map<std::string, std::string, std::less<>>& variables_read() const { return read_; }
    /// Names that were read and are not set.
    const std::set<std::string, std::less<>>& unset_read() const { return unset_read_; }
    /// Programs that which() was asked for, with what it has found; empty: nothing.
    const std::map<std::string, std::string>& executables() const { return executables_; }

    // exec::Host
    std::optional<std::string_view> base_environment(std::string_view name) override;
    Result<int> available_port() override;
    std::int64_t wall_clock_nanoseconds() override;
    void random_bytes(std::span<unsigned char> bytes) override;
    Result<exec::SearchAnswer> search(std::string_view pattern, std::string_view subject) override;
    void environment_read(std::string_view name, std::optional<std::string_view> value) override;
    void note(const exec::Note& note) override;

    /// The ports that were asked for are free for other tests.
    void give_back_ports();

  private:
    void end_pure_call(std::string_view result);
    void begin_pure_call(const exec::Note& note, const report::EventPlace& place, bool native);
    void record_check(const report::EventPlace& place, const exec::Note& note);

    RunResources& resources_;
    const BaseEnvironment& environment_;
    EventRecorder& recorder_;
    report::Secrets& secrets_;
    exec::Interpreter interpreter_;
    std::map<std::string, std::string, std::less<>> read_;
    std::set<std::string, std::less<>> unset_read_;
    std::map<std::string, std::string> executables_;
    /// Keeps the search that search() did not finish, and afterwards what finish_search() has found.
    std::shared_ptr<match::LongSearch> value_search_;
    bool leaves_long_searches_ = false;
    report::EventPlace note_place_;
    std::vector<std::uint32_t> pure_calls_;  ///< spans of the pure functions that run now
    std::vector<int> ports_;
};

}  // namespace relux::run

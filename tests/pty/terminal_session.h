// A shell on a real loop for one test: collects what it reports and runs the loop until a condition holds.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vm/io/loop.h"

namespace relux::io {

/// Generous: only a broken program reaches it.
constexpr Duration kGiveUp = std::chrono::seconds(60);

/// Runs until `condition` holds, which is looked at every millisecond and after each wake(). False when it
/// gave up.
bool run_until(Loop& loop, const std::function<bool()>& condition, Duration give_up = kGiveUp);

class TerminalSession final : public ShellListener {
  public:
    explicit TerminalSession(Loop& runs_on) : loop(runs_on) {}
    ~TerminalSession() override;

    /// Starts it; the environment is PATH, HOME, TERM, PS1 and `extra`.
    Status open(std::vector<std::string> command, std::vector<std::string> extra = {}, std::string mark = {});
    /// Starts ptychild in this mode.
    Status open_child(const std::string& mode, const std::string& argument = {});
    bool wait_for_text(std::string_view text);
    bool wait_for_exit();
    /// end() and wait for on_ended().
    bool end(Duration grace);

    void on_output(std::string_view bytes) override;
    void on_output_closed() override;
    void on_exit(ExitStatus ended_with) override;
    void on_ended() override;

    Loop& loop;
    std::unique_ptr<ShellIo> shell;
    std::string output;
    std::function<void(std::string_view)> output_hook;  ///< gets the output instead of `output`
    std::function<void()> wake;                         ///< after each callback
    bool closed = false;
    bool ended = false;
    std::optional<ExitStatus> status;
    std::string order;  ///< o output, c closed, x exit, e ended; repeats of o left out
};

std::string ptychild_path();
/// True while the process exists and is no zombie.
bool runs(int pid);
/// The processes whose parent is this one, zombies included, but for the guardian of a loop.
std::vector<int> own_children();

}  // namespace relux::io

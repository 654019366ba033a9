// A shell on a terminal with nothing around it: what a runner can at best cost. Same terminal modes, size and
// environment as Relux's own shells. Knows nothing of Relux; every failure ends the program with a message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace relux::bench {

[[noreturn]] void fail(const std::string& message);
/// Reads the monotonic clock.
long long nanoseconds_now();

constexpr std::string_view kPrompt = "relux> ";

/// The environment that Relux gives its shells, but for its own variables.
std::vector<std::string> shell_environment();
void raise_descriptor_limit();

class FloorShell {
  public:
    explicit FloorShell(const std::vector<std::string>& command);
    FloorShell(FloorShell&& other) noexcept;
    FloorShell& operator=(FloorShell&&) = delete;
    ~FloorShell();

    int master() const { return master_; }
    /// Blocks until all is written.
    void send(std::string_view bytes);
    /// Appends what one read gives. False: the terminal is closed.
    bool read_some();
    /// Waits until there is something to read; milliseconds as for poll(2). False: not in that time.
    bool wait(int milliseconds = -1) const;
    /// Reads until the prompt, and drops everything up to its end.
    void skip_prompt();

    /// Unread output.
    std::string_view output() const { return std::string_view(output_).substr(head_); }
    void consume(std::size_t count);

    /// Closes the terminal, without waiting for the end. A descriptor that is readable once it has come.
    int hang_up();
    /// Waits for the end. Needs hang_up() before.
    void join();

  private:
    int master_ = -1;
    pid_t pid_ = -1;
    int process_ = -1;
    std::string output_;
    std::size_t head_ = 0;
};

}  // namespace relux::bench

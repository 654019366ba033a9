// Tells whether somebody of the job that has a terminal is asleep and waits for input from it (language 6.1).
//
// The answer comes from /proc: the system call that each thread of the foreground group sleeps in. Right
// after a write that alone would be stale, for the kernel hands input to the reader from a work queue: the
// reader may not even have been woken. So before each write the reader's schedstat (time run, time waited,
// number of times on a processor) is noted, and the reader counts as waiting again only once it has run
// since, or once the kernel says that nothing is left to be read.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "vm/base/fd.h"
#include "vm/io/shell_io.h"
#include "vm/io/terminal_wait.h"

namespace relux::io {

class ProcessTree;

class TerminalReader {
  public:
    TerminalReader(int master, pid_t shell, const ProcessTree& processes);

    ReaderState state();
    /// To be called before each write of these bytes to the terminal.
    void before_write(std::string_view bytes);
    /// The process that the last state() found waiting, if nothing has been written since; or 0.
    pid_t waiting_reader() const { return found_.state == ReaderState::Waiting ? found_.process : 0; }
    bool shell_waits() const { return waiting_reader() == shell_; }
    /// Whom the last state() found waiting is another process than the shell, and the terminal is in raw mode
    /// without echo.
    bool is_relayed() const;
    /// The command line of what has the terminal.
    std::string foreground() const;

  private:
    enum class Activity : std::uint8_t {
        Reading,
        Asleep,  ///< in what, the system does not tell
        Running,
        Elsewhere,
        Gone,
        Unknown,
    };
    /// The open files of the thread that was looked at last: pread() of an open /proc file costs a third of
    /// opening it. They belong to the thread, not to its number, so a number used again does no harm.
    struct Observed {
        pid_t thread = 0;
        Fd syscall;
        Fd schedstat;
    };
    struct Schedule {
        std::array<char, 64> text{};
        std::size_t size = 0;
        std::string_view view() const { return {text.data(), size}; }
    };
    struct Found {
        ReaderState state = ReaderState::Unknown;
        pid_t process = 0;
        pid_t thread = 0;
    };
    /// Says what a look at the members of a group has found.
    struct Members {
        Found reading;
        pid_t asleep = 0;
        bool running = false;
        bool unknown = false;
    };

    Found find_reader();
    Found find_among_members(pid_t group, Activity leader);
    Found find_elsewhere(pid_t group);
    void look_at(pid_t member, Activity main_thread, Members& members);
    Activity observe_kept(pid_t process);
    Activity observe(pid_t process, pid_t thread);
    Activity activity_of(pid_t process, std::string_view call);
    Activity activity_by_wait_channel(pid_t thread) const;
    Activity activity_by_state(pid_t thread) const;
    Schedule schedule_of(pid_t thread);
    bool taken_up();
    std::optional<bool> input_waits() const;
    void keep(pid_t thread);

    int master_;
    pid_t shell_;
    const ProcessTree& processes_;
    TerminalWait wait_;
    Observed observed_;
    bool write_pending_ = false;  // a write that can wake a reader, not yet known to be taken up
    Found pending_reader_;        // who was asleep, reading, when it was written
    Schedule pending_schedule_;
    std::chrono::nanoseconds pending_since_{};
    Found found_;  // by the last state(), for the write that follows
    std::chrono::nanoseconds found_at_{};
};

}  // namespace relux::io

// Tells whether the process that has a terminal is asleep and waiting for input (language 6.1).
//
// The answer comes from /proc: the system call that each process of the foreground group sleeps in. Right
// after a write that alone would be stale, for the kernel hands input to the reader from a work queue: the
// reader may not even have been woken. So before each write the reader's schedstat (time run, time waited,
// number of times on a processor) is noted, and the reader counts as waiting again only once it has run
// since.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <sys/types.h>

#include "vm/base/fd.h"
#include "vm/io/shell_io.h"

namespace relux::io {

class ProcessTree;

class TerminalReader {
  public:
    TerminalReader(int master, pid_t shell, const ProcessTree& processes);

    ReaderState state();
    /// To be called before each write of these bytes to the terminal.
    void before_write(std::string_view bytes);
    /// Whom the last state() found waiting, if nothing has been written since; or 0.
    pid_t waiting_reader() const { return found_.state == ReaderState::Waiting ? found_.reader : 0; }

  private:
    enum class Activity : std::uint8_t { Reading, Running, Elsewhere, Gone, Unknown };
    /// The open files of the process that was looked at last: pread() of an open /proc file costs a third of
    /// opening it. They belong to the process, not to its number, so a number used again does no harm.
    struct Observed {
        pid_t pid = 0;
        Fd syscall;
        Fd schedstat;
        /// The last text of `syscall` whose descriptor was found to be a terminal, and when.
        std::array<char, 128> reading{};
        std::size_t reading_size = 0;
        std::chrono::nanoseconds reading_at{};
    };
    bool reads_terminal(long descriptor, std::string_view text);
    struct Schedule {
        std::array<char, 64> text{};
        std::size_t size = 0;
        std::string_view view() const { return {text.data(), size}; }
    };
    struct Found {
        ReaderState state = ReaderState::Unknown;
        pid_t reader = 0;
    };

    Found find_reader();
    Found find_among_members(pid_t group);
    Activity observe(pid_t pid);
    Activity activity_by_wait_channel(pid_t pid) const;
    Schedule schedule_of(pid_t pid);
    bool taken_up(pid_t reader);

    int master_;
    pid_t shell_;
    const ProcessTree& processes_;
    Observed observed_;
    bool write_pending_ = false;  // a write that can wake a reader, not yet known to be taken up
    pid_t pending_reader_ = 0;    // who was asleep, reading, when it was written; 0: nobody
    Schedule pending_schedule_;
    std::chrono::nanoseconds pending_since_{};
    Found found_;  // by the last state(), for the write that follows
    std::chrono::nanoseconds found_at_{};
};

}  // namespace relux::io

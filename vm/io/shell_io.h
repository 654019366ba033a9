// A shell's process and terminal as the machine sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/base/duration.h"
#include "vm/io/terminal_job.h"

namespace relux::io {

struct ProcessOptions {
    std::vector<std::string> command;      ///< looked up in PATH of `environment` when it has no `/`
    std::vector<std::string> environment;  ///< NAME=value, the whole of it
    std::string directory;                 ///< empty: the runner's
    /// Processes whose environment has this NAME=value entry belong to the same owner and are ended with it,
    /// however far they have moved from the session of the process.
    std::string owner_mark;
    /// So many bytes of it, from its beginning, are in the marks of all processes of the run, and of no
    /// other.
    std::size_t run_mark_size = 0;

    bool operator==(const ProcessOptions&) const = default;
};

struct ShellOptions : ProcessOptions {
    std::uint16_t columns = 65535;
    std::uint16_t rows = 24;
    /// Nobody uses it before ShellIo::adopt().
    bool early = false;

    bool operator==(const ShellOptions&) const = default;
};

/// How a process ended.
struct ExitStatus {
    bool signalled = false;
    int code = 0;  ///< exit code, or signal number
};

/// Callbacks on the loop's thread. None comes after the ShellIo is gone, and none from inside a call to it
/// but ShellIo::take_output(). A callback may destroy the ShellIo.
class ShellListener {
  public:
    virtual ~ShellListener() = default;
    /// At most 64 KiB; the view is valid during the call.
    virtual void on_output(std::string_view bytes) = 0;
    /// The terminal gave end of file: no more output. Once.
    virtual void on_output_closed() = 0;
    /// The shell's process has ended. Once; output that it left behind may still come after it, and is given
    /// before on_output_closed().
    virtual void on_exit(ExitStatus status) = 0;
    /// After end(): no process is left, ended() is true. Once, and the last callback of all.
    virtual void on_ended() {}
};

/// A process that a shell left behind.
struct LeftProcess {
    int pid = 0;
    std::string command_line;  ///< arguments joined by spaces, the name in brackets when there are none
    /// At most; the system keeps the start of a process in hundredths of a second, and this is from the end
    /// of it.
    Duration age{0};
    std::uint32_t statement = 0;  ///< as of ShellIo::set_statement(); 0: not known
};

/// Says what the terminal's foreground job is doing (language 6.1).
enum class ReaderState : std::uint8_t {
    Waiting,  ///< some thread is asleep, waiting for input from the terminal, since the last write was taken
              ///< up
    Busy,     ///< doing something else
    Unknown,  ///< the system does not tell
};

class ShellIo {
  public:
    /// Closes the terminal and forgets the process: only after it has ended, or in a loop that is being torn
    /// down.
    virtual ~ShellIo() = default;

    virtual int pid() const = 0;
    /// An early shell is used from now on, and `listener`, which must outlive this object, hears what
    /// happens.
    virtual void adopt(ShellListener& listener) = 0;
    /// Queues bytes in order; never blocks. What the terminal does not take at once is written as it does.
    virtual void write(std::string_view bytes) = 0;
    virtual std::size_t unwritten() const = 0;
    virtual ReaderState reader_state() = 0;
    /// The last reader_state() was Waiting, and nothing has been written since.
    virtual bool reader_waits() const { return false; }
    /// Moreover it is the shell's own process that waits, not a program that it runs.
    virtual bool shell_waits() const = 0;
    /// It is another one that waits, with the terminal in raw mode without echo: a relay, whose far end can't
    /// be seen, or a full-screen program.
    virtual bool is_relayed() const { return false; }
    /// The command line of what has the terminal, for a message.
    virtual std::string foreground() const { return {}; }
    /// More of it, for a failure.
    virtual TerminalJob terminal_job() const { return {}; }
    /// Whatever the program starts that reads what is written next comes from the statement of this number,
    /// up to kMostStatements; without reader_waits() so does what the shell and the program in its foreground
    /// start from now on. What a process starts later comes from the same statement as the process.
    virtual void set_statement(std::uint32_t number) { static_cast<void>(number); }
    /// There is output that on_output() has not given yet.
    virtual bool output_waits() const = 0;
    /// Gives on_output() some of it at once, the one callback that comes from inside a call; it may not
    /// destroy this. Returns whether there was any.
    virtual bool take_output() = 0;
    /// Longest line, newline included, that the terminal takes in its present mode; 0 when it has no such
    /// limit.
    virtual std::size_t line_limit() const = 0;
    /// Ends the shell, its session, its descendants, and what carries the owner mark: hang-up and terminate
    /// now (the hang-up again from time to time, for a shell may miss it), kill after `grace` for what is
    /// left. on_exit comes as for any end. Calling it again with a shorter grace hastens it.
    virtual void end(Duration grace) = 0;
    /// True when end() has been called and no process is left.
    virtual bool ended() const = 0;
    /// Lists what outlived the grace of end() and had to be killed, in the order in which it was. Grows until
    /// ended().
    virtual const std::vector<LeftProcess>& killed() const = 0;
    /// Lists what end() found that was neither in the shell's session nor below the shell any more, whether
    /// it had to be killed or not. Grows until ended().
    virtual const std::vector<LeftProcess>& daemons() const = 0;
};

}  // namespace relux::io

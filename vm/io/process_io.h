// A process without a terminal as the machine sees it: input from /dev/null, output and errors on a pipe
// each.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vm/io/shell_io.h"

namespace relux::io {

enum class Stream : std::uint8_t { Output, Errors };

/// Callbacks on the loop's thread. None comes after the ProcessIo is gone, and none from inside a call to it.
/// A callback may destroy the ProcessIo.
class ProcessListener {
  public:
    virtual ~ProcessListener() = default;
    /// At most 64 KiB; the view is valid during the call.
    virtual void on_output(Stream stream, std::string_view bytes) = 0;
    /// Nobody has the stream open for writing any more. Once for each; a process left behind can hold it
    /// open for long after on_exit().
    virtual void on_closed(Stream stream) = 0;
    /// The process has ended. Once. What it wrote itself has been given before.
    virtual void on_exit(ExitStatus status) = 0;
    /// After end(): no process is left, and what the streams held has been given. Once, and the last
    /// callback of all.
    virtual void on_ended() = 0;
};

class ProcessIo {
  public:
    /// Kills what is left and forgets it.
    virtual ~ProcessIo() = default;

    virtual int pid() const = 0;
    /// Whether a process of its family runs, itself or one that it left behind.
    virtual bool has_members() = 0;
    /// Ends the process, its session, its descendants, every orphan of its family and what carries the owner
    /// mark: hang-up and terminate now, kill after `grace` for what is left. Calling it again with a shorter
    /// grace hastens it.
    virtual void end(Duration grace) = 0;
    /// True when end() has been called and no process is left.
    virtual bool ended() const = 0;
    /// Lists what end() had to kill. Grows until ended().
    virtual const std::vector<LeftProcess>& killed() const = 0;
};

}  // namespace relux::io

// Two pipes, each with one end that does not block.
#include "vm/io/output_pipes.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace relux::io {

namespace {

Result<OutputPipe> open_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("cannot make a pipe", errno);
    OutputPipe pipe{Fd(ends[0]), Fd(ends[1])};
    // A runner that was started without descriptors 0 to 2 gets them here.
    if (pipe.writing.get() <= STDERR_FILENO)
        pipe.writing = Fd(::fcntl(pipe.writing.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!pipe.writing || ::fcntl(pipe.reading.get(), F_SETFL, O_NONBLOCK) != 0)
        return system_error("cannot set up a pipe", errno);
    return pipe;
}

}  // namespace

Result<OutputPipes> open_output_pipes() {
    auto output = open_pipe();
    if (!output) return output.error();
    auto errors = open_pipe();
    if (!errors) return errors.error();
    return OutputPipes{std::move(*output), std::move(*errors)};
}

}  // namespace relux::io

// Reads the pipes one buffer a turn, so that a flood does not keep others waiting.
#include "vm/io/uv_process.h"

#include <cerrno>
#include <unistd.h>
#include <utility>

#include "vm/io/uv_loop.h"

namespace relux::io {

UvProcess::UvProcess(UvLoop& loop, OutputPipes pipes, ShellIdentity identity, ProcessListener& listener)
    : UvChild(loop, std::move(identity), [this] { finish(); }), listener_(listener) {
    open(Stream::Output, std::move(pipes.output.reading));
    open(Stream::Errors, std::move(pipes.errors.reading));
}

UvProcess::~UvProcess() {
    leave();
    for (OpenStream& open : streams_)
        open.watch.reset();  // before its descriptor
}

void UvProcess::open(Stream which, Fd descriptor) {
    OpenStream& opened = stream(which);
    opened.descriptor = std::move(descriptor);
    const Readiness reading{true, false};
    opened.watch = loop_.watch_descriptor(opened.descriptor.get(), reading, [this, which](Readiness) {
        UvLoop& loop = loop_;
        deliver(which);
        loop.fire_due_timers();  // a time-out does not wait for the other streams of this turn
    });
}

// One turn's worth: a buffer, which is as large as a pipe.
UvProcess::Progress UvProcess::deliver(Stream which) {
    if (!stream(which).descriptor) return Progress::Drained;
    auto& buffer = loop_.read_buffer();
    std::size_t size = 0;
    bool closed = false;
    bool drained = false;
    while (size < buffer.size() && !closed && !drained) {
        const ssize_t count =
            ::read(stream(which).descriptor.get(), buffer.data() + size, buffer.size() - size);
        if (count > 0) {
            size += static_cast<std::size_t>(count);
        } else {
            drained = count < 0 && errno == EAGAIN;
            closed = count == 0 || (!drained && errno != EINTR);
        }
    }
    const Destruction::Watch destruction(destruction_);
    if (size > 0) listener_.on_output(which, {buffer.data(), size});
    if (destruction.happened()) return Progress::Gone;
    if (closed) return close(which);
    return drained ? Progress::Drained : Progress::MoreLeft;
}

UvProcess::Progress UvProcess::close(Stream which) {
    OpenStream& open = stream(which);
    if (!open.descriptor) return Progress::Drained;
    open.watch.reset();
    open.descriptor.reset();
    const Destruction::Watch destruction(destruction_);
    listener_.on_closed(which);
    return destruction.happened() ? Progress::Gone : Progress::Drained;
}

void UvProcess::children_changed(std::optional<ExitStatus> status) {
    if (status) {
        const Destruction::Watch destruction(destruction_);
        for (const Stream which : {Stream::Output, Stream::Errors}) {
            if (deliver(which) == Progress::Gone) return;
        }
        listener_.on_exit(*status);
        if (destruction.happened()) return;
    }
    ending_.children_changed();
}

bool UvProcess::has_members() {
    return !loop_.families().members(identity_, !exited_, {}).processes.empty();
}

void UvProcess::end(Duration grace) {
    if (!ended_) ending_.begin(grace);
}

void UvProcess::finish() {
    // No process is left, so what the pipes still hold is all there will ever be; a foreign process that
    // keeps one open is not waited for.
    for (const Stream which : {Stream::Output, Stream::Errors}) {
        Progress progress = Progress::MoreLeft;
        while (progress == Progress::MoreLeft)
            progress = deliver(which);
        if (progress == Progress::Gone || close(which) == Progress::Gone) return;
    }
    ended_ = true;
    listener_.on_ended();
}

}  // namespace relux::io

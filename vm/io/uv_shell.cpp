// Reading is bounded per loop turn so that one flood does not keep the others waiting; writing never blocks,
// and the terminal is read all the while, so a shell that writes can't deadlock with one that is written to.
#include "vm/io/uv_shell.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "vm/io/uv_loop.h"

namespace relux::io {

namespace {
// The kernel wakes writers when the reader takes input, which can be before its work queue has made room.
// A terminal that holds much more gives more in one read; its buffer has 4 KiB.
constexpr ssize_t kFullRead = 1024;
/// Limits how much is read before it is dealt with. Nobody empties the terminal meanwhile, and the shell
/// waits: with 64 KiB a flood takes 15 % longer, with 4 KiB as long.
constexpr std::size_t kReadOfATurn = 12 * 1024;
/// A look that finds so much is one at a shell that prints faster than it is read; after so many that find
/// less it does so no longer.
constexpr std::size_t kMuch = 2048;
constexpr int kSmallLooks = 4;
constexpr Time kWriteRetry = std::chrono::milliseconds(10);
}  // namespace

UvShell::UvShell(UvLoop& loop, Terminal terminal, ShellIdentity identity, ShellListener& listener)
    : UvChild(loop, std::move(identity), [this] { finish(); }),
      terminal_(std::move(terminal)),
      listener_(&listener),
      reader_(master(), identity_.pid, loop.processes()),
      write_timer_(loop.make_timer([this] { flush(); })),
      watched_{true, false},
      watch_(loop.watch_descriptor(master(), watched_, [this](Readiness ready) { on_ready(ready); })) {}

UvShell::~UvShell() {
    set_flooding(false);
    watch_.reset();
    leave();
}

void UvShell::watch_terminal() {
    const Readiness wanted{!output_closed_ && !flooding_, unwritten() > 0};
    if (wanted.read == watched_.read && wanted.write == watched_.write) return;
    watched_ = wanted;
    watch_->wait_for(wanted);
}

void UvShell::on_ready(Readiness ready) {
    UvLoop& loop = loop_;
    if (ready.write) flush();
    if (ready.read) deliver_output(Reading::WhatIsThere);
    loop.work_done();
}

void UvShell::look() {
    // Its end comes first, in whose course all is read.
    if (!exited_) deliver_output(Reading::WhatIsThere);
}

// One that prints much is looked at more often than once in a turn of the loop, if there are others with whom
// it shares the turn.
void UvShell::follow_flow(std::size_t size) {
    if (size >= kMuch) {
        small_looks_ = 0;
        if (!flooding_ && !exited_ && loop_.has_many_children()) set_flooding(true);
    } else if (flooding_ && ++small_looks_ >= kSmallLooks) {
        set_flooding(false);
    }
}

void UvShell::set_flooding(bool flooding) {
    if (flooding == flooding_) return;
    if (flooding) {
        if (!loop_.turns().add(master(), *this)) return;
    } else {
        loop_.turns().remove(master(), *this);
    }
    flooding_ = flooding;
    small_looks_ = 0;
    watch_terminal();
}

// One loop turn's worth: until the terminal is empty, enough is read, or a time-out wants to be heard.
// Being told that it is empty costs more than the next turn of the loop, for the kernel then waits for
// whoever may be about to fill it: only where it matters that nothing is left is that asked.
UvShell::ReadResult UvShell::read_chunk(std::string_view& bytes, Reading reading) {
    auto& buffer = loop_.read_buffer();
    const auto most = reading == Reading::All ? buffer.size() : kReadOfATurn;
    std::size_t size = 0;
    ReadResult result = ReadResult::MoreLeft;
    while (size < most) {
        const ssize_t count = ::read(master(), buffer.data() + size, buffer.size() - size);
        if (count > 0) {
            size += static_cast<std::size_t>(count);
            if (reading == Reading::WhatIsThere && count < kFullRead) {
                result = ReadResult::Drained;
                break;
            }
            if (!loop_.turns().is_behind() && loop_.is_timer_due()) break;
        } else if (count < 0 && errno == EAGAIN) {
            result = ReadResult::Drained;
            break;
        } else if (count == 0 || errno != EINTR) {
            result = ReadResult::Closed;  // EIO: nobody has the other end open
            break;
        }
    }
    bytes = {buffer.data(), size};
    return result;
}

bool UvShell::deliver_output(Reading reading, ReadResult* result) {
    const Destruction::Watch destruction(destruction_);
    std::string_view bytes;
    const ReadResult outcome = read_chunk(bytes, reading);
    if (result != nullptr) *result = outcome;
    if (reading == Reading::WhatIsThere && outcome != ReadResult::Closed) follow_flow(bytes.size());
    if (!bytes.empty()) listener_->on_output(bytes);
    if (destruction.happened()) return false;
    return outcome != ReadResult::Closed || close_output();
}

bool UvShell::close_output() {
    if (output_closed_) return true;
    const Destruction::Watch destruction(destruction_);
    output_closed_ = true;
    set_flooding(false);
    watch_terminal();
    listener_->on_output_closed();
    return !destruction.happened();
}

bool UvShell::drain_output() {
    ReadResult result = output_closed_ ? ReadResult::Closed : ReadResult::MoreLeft;
    while (result == ReadResult::MoreLeft) {
        if (!deliver_output(Reading::All, &result)) return false;
    }
    return true;
}

void UvShell::adopt(ShellListener& listener) {
    listener_ = &listener;
    loop_.runner().shells.set_used(identity_);
}

void UvShell::write(std::string_view bytes) {
    if (ended_ || bytes.empty()) return;
    const bool idle = unwritten() == 0;
    outgoing_.append(bytes);
    if (idle) flush();
}

void UvShell::flush() {
    while (unwritten() > 0) {
        const std::string_view rest = std::string_view(outgoing_).substr(written_);
        reader_.before_write(rest);
        const ssize_t count = ::write(master(), rest.data(), rest.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno != EAGAIN) written_ = outgoing_.size();  // nobody will ever read it
        if (count <= 0) break;
        written_ += static_cast<std::size_t>(count);
    }
    if (unwritten() == 0) {
        outgoing_.clear();
        written_ = 0;
        write_timer_->disarm();
    } else {
        if (written_ > outgoing_.size() / 2) outgoing_.erase(0, std::exchange(written_, 0));
        write_timer_->arm(loop_.now() + kWriteRetry);
    }
    watch_terminal();
}

ReaderState UvShell::reader_state() {
    if (exited_ && output_closed_) return ReaderState::Unknown;
    if (unwritten() > 0) return ReaderState::Busy;
    return reader_.state();
}

void UvShell::set_statement(std::uint32_t number) {
    if (exited_ || !loop_.runner().limits.families()) return;
    const pid_t reader = reader_.waiting_reader();
    if (reader != 0) return mark_process(reader, identity_.family, number);
    mark_process(identity_.pid, identity_.family, number);
    const pid_t foreground = ::tcgetpgrp(master());
    if (foreground > 0 && foreground != identity_.pid) mark_process(foreground, identity_.family, number);
}

TerminalJob UvShell::terminal_job() const {
    return exited_ ? TerminalJob() : io::terminal_job(master(), identity_.pid, loop_.processes());
}

bool UvShell::output_waits() const {
    pollfd terminal{master(), POLLIN, 0};
    return !output_closed_ && ::poll(&terminal, 1, 0) == 1 && (terminal.revents & POLLIN) != 0;
}

// That the output has ended is left to the next turn of the loop.
bool UvShell::take_output() {
    if (output_closed_) return false;
    std::string_view bytes;
    read_chunk(bytes, Reading::WhatIsThere);
    if (!bytes.empty()) listener_->on_output(bytes);
    return !bytes.empty();
}

void UvShell::children_changed(std::optional<ExitStatus> status) {
    if (ended_) return;  // all has been told while others were told of theirs
    const Destruction::Watch destruction(destruction_);
    if (status) {
        set_flooding(false);
        if (!output_closed_ && !deliver_output(Reading::All)) return;
        listener_->on_exit(*status);
        if (destruction.happened()) return;
    }
    ending_.children_changed();
}

void UvShell::end(Duration grace) {
    if (!ended_) ending_.begin(grace);
}

void UvShell::finish() {
    const Destruction::Watch destruction(destruction_);
    // No process is left, so what the terminal still holds is all there will ever be; a foreign process that
    // keeps it open is not waited for.
    if (!drain_output() || !close_output()) return;
    ended_ = true;
    write_timer_->disarm();
    outgoing_.clear();
    written_ = 0;
    watched_ = {};
    watch_->wait_for(watched_);
    if (!destruction.happened()) listener_->on_ended();
}

}  // namespace relux::io

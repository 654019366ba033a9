// The kernel keeps terminals that are ready in a queue, and puts one that it has told at its end: so none
// waits for more than all others once.
#include "vm/io/output_turns.h"

#include <algorithm>
#include <sys/epoll.h>
#include <utility>

#include "vm/io/uv_loop.h"

namespace relux::io {

namespace {
/// As much time as the other work took, within these: a piece of it may be short, or take long because the
/// processor was somebody else's.
constexpr Time kShortest = std::chrono::microseconds(100);
constexpr Time kLongest = std::chrono::milliseconds(1);
}  // namespace

bool OutputTurns::start() {
    if (ready_) return true;
    ready_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
    if (!ready_) return false;
    if (uv_poll_init(loop_.uv(), &poll_, ready_.get()) != 0) {
        ready_.reset();
        return false;
    }
    poll_.data = this;
    return true;
}

bool OutputTurns::add(int terminal, OutputSource& source) {
    if (!start()) return false;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &source;
    if (::epoll_ctl(ready_.get(), EPOLL_CTL_ADD, terminal, &event) != 0) return false;
    if (sources_++ == 0) {
        uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* poll, int, int) {
            auto& turns = *static_cast<OutputTurns*>(poll->data);
            turns.served_at_ = turns.loop_.now();  // the loop may have slept
            turns.loop_.work_done();
        });
    }
    return true;
}

void OutputTurns::remove(int terminal, OutputSource& source) {
    std::replace(ready_sources_.begin(), ready_sources_.end(), &source, static_cast<OutputSource*>(nullptr));
    epoll_event unused{};
    ::epoll_ctl(ready_.get(), EPOLL_CTL_DEL, terminal, &unused);
    if (--sources_ == 0) uv_poll_stop(&poll_);
}

void OutputTurns::serve() {
    if (sources_ == 0 || serving_) return;
    serving_ = true;
    Time now = loop_.now();
    const Time worked = now - served_at_;
    const Time until = now + std::clamp(worked, kShortest, kLongest);
    behind_ = worked > kLongest;
    // Time-outs wait for one look at each.
    while (look_at_ready() && !loop_.is_timer_due() && now < until)
        now = loop_.now();
    served_at_ = loop_.now();
    behind_ = false;
    serving_ = false;
}

bool OutputTurns::look_at_ready() {
    epoll_event events[std::tuple_size_v<decltype(ready_sources_)>];
    const int count = ::epoll_wait(ready_.get(), events, static_cast<int>(std::size(events)), 0);
    if (count <= 0) return false;
    std::transform(events, events + count, ready_sources_.begin(),
                   [](const epoll_event& event) { return static_cast<OutputSource*>(event.data.ptr); });
    // A look may remove, and destroy, those that come after it.
    for (int i = 0; i < count; ++i) {
        if (auto* source = std::exchange(ready_sources_[static_cast<std::size_t>(i)], nullptr))
            source->look();
    }
    return sources_ > 0;
}

}  // namespace relux::io

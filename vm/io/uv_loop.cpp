// The loop on libuv 1.44. Its own timers are not used: they count whole milliseconds and fire early by the
// time that a callback took before they were armed.
#include "vm/io/uv_loop.h"

#include <algorithm>
#include <cerrno>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <utility>

#include "vm/base/assert.h"
#include "vm/base/signals.h"
#include "vm/io/uv_descriptor_watch.h"
#include "vm/io/uv_process.h"
#include "vm/io/uv_shell.h"

namespace relux::io {

namespace {

/// For how long a processor sleeps before waking it takes time, and how much of it.
constexpr Time kLongSleep = std::chrono::milliseconds(2);
constexpr Time kWakeUp = std::chrono::microseconds(400);
/// Up to so many are asked one by one.
constexpr std::size_t kFewChildren = 16;

UvLoop& loop_of(uv_loop_t* uv) {
    return *static_cast<UvLoop*>(uv->data);
}

/// A handle with its callback. Its memory goes in its close callback.
template <typename Handle>
class UvWatch final : public Watch {
  public:
    explicit UvWatch(std::function<void()> callback) : state_(new State{{}, std::move(callback)}) {
        state_->handle.data = state_;
    }
    UvWatch(const UvWatch&) = delete;
    UvWatch& operator=(const UvWatch&) = delete;
    ~UvWatch() override {
        if (state_ == nullptr) return;
        state_->callback = nullptr;
        uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
                 [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
    }
    Handle* handle() { return &state_->handle; }
    /// The handle was never made.
    void forget() { delete std::exchange(state_, nullptr); }
    static void call(Handle* handle) {
        auto* state = static_cast<State*>(handle->data);
        if (state->callback) state->callback();
    }

  private:
    struct State {
        Handle handle;
        std::function<void()> callback;
    };
    State* state_;
};

}  // namespace

UvLoop::UvLoop(std::shared_ptr<RunnerProcess> runner, bool first)
    : runner_(std::move(runner)),
      first_(first),
      timers_([this] { set_timer_descriptor(); }, [this] { turns_.serve(); }),
      families_(processes_, *runner_) {}

Status UvLoop::start() {
    if (first_) {
        runner_->inherited.set(processes_.adopted_children());
        if (Status guarded = runner_->guardian.start(); !guarded) return guarded;
    }
    const int code = uv_loop_init(&uv_);
    if (code != 0) return system_error("the event loop can't be made", -code);
    started_ = true;
    uv_.data = this;
    uv_signal_init(&uv_, &child_signal_);
    uv_signal_init(&uv_, &file_size_signal_);
    if (Status timers = start_timers(); !timers) return timers;
    if (Status posts = start_posts(); !posts) return posts;
    return start_signals();
}

Status UvLoop::start_timers() {
    timer_descriptor_ = Fd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    if (!timer_descriptor_) return system_error("the timer can't be made", errno);
    uv_poll_init(&uv_, &timer_ready_, timer_descriptor_.get());
    uv_poll_start(&timer_ready_, UV_READABLE,
                  [](uv_poll_t* poll, int, int) { loop_of(poll->loop).work_done(); });
    return Done{};
}

// Not uv_async_t: its receiver spins until the sender, which it may have taken the processor from, is done.
Status UvLoop::start_posts() {
    posted_descriptor_ = Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!posted_descriptor_) return system_error("the event loop can't be woken", errno);
    uv_poll_init(&uv_, &posted_ready_, posted_descriptor_.get());
    uv_poll_start(&posted_ready_, UV_READABLE,
                  [](uv_poll_t* poll, int, int) { loop_of(poll->loop).run_posted(); });
    return Done{};
}

Status UvLoop::start_signals() {
    // Whoever started the runner may have left it blocked. The signals that end the run are read from a
    // descriptor, for which every thread must have them blocked.
    sigset_t needed;
    ::sigemptyset(&needed);
    ::sigaddset(&needed, SIGCHLD);
    ::pthread_sigmask(SIG_UNBLOCK, &needed, nullptr);
    // All that the loop's signals need exists from here on.
    const int code = uv_signal_start(&child_signal_, on_child_signal, SIGCHLD);
    if (code != 0) return system_error("ends of processes can't be watched", -code);
    uv_signal_stop(&child_signal_);
    return Done{};
}

// Before the first child is started. A loop without any, whose tests are run by others, is not woken by
// theirs.
void UvLoop::watch_children() {
    if (std::exchange(watches_children_, true)) return;
    uv_signal_start(&child_signal_, on_child_signal, SIGCHLD);
}

void UvLoop::on_child_signal(uv_signal_t* signal, int) {
    loop_of(signal->loop).children_changed();
}

UvLoop::~UvLoop() {
    RELUX_ASSERT(children_.empty(), "a shell or process outlives its loop");
    if (first_) families_.kill_leftovers();
    finish_writing();
    if (started_) close_handles();
}

void UvLoop::close_handles() {
    uv_walk(
        &uv_,
        [](uv_handle_t* handle, void*) {
            if (uv_is_closing(handle) == 0) uv_close(handle, nullptr);
        },
        nullptr);
    // A stop() that nobody has run into yet would end the first of these at once.
    while (uv_run(&uv_, UV_RUN_DEFAULT) != 0) {
    }
    RELUX_ASSERT(uv_loop_close(&uv_) == 0, "a handle is left in the loop");
}

Time UvLoop::now() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::unique_ptr<Timer> UvLoop::make_timer(std::function<void()> callback) {
    return timers_.make_timer(std::move(callback));
}

// The descriptor may be set too early, for a timer since disarmed, and never too late: one spurious wake-up
// costs less than a system call at each arming. It is set early on purpose where the wait is long: a
// processor that has slept for long takes some tenths of a millisecond to come back, one that has just been
// awake does not.
void UvLoop::set_timer_descriptor() {
    const std::optional<Time> deadline = timers_.next_deadline();
    if (!deadline || *deadline >= descriptor_deadline_) return;
    Time wake = *deadline;
    if (wake - now() > kLongSleep) wake -= kWakeUp;
    if (wake >= descriptor_deadline_) return;
    descriptor_deadline_ = wake;
    const Time absolute = std::max(wake, Time(1));  // zero would disarm it
    itimerspec setting{};
    setting.it_value.tv_sec = static_cast<time_t>(absolute.count() / 1'000'000'000);
    setting.it_value.tv_nsec = static_cast<long>(absolute.count() % 1'000'000'000);
    ::timerfd_settime(timer_descriptor_.get(), TFD_TIMER_ABSTIME, &setting, nullptr);
}

bool UvLoop::is_timer_due() {
    const std::optional<Time> deadline = timers_.next_deadline();
    return timers_.is_firing() || (deadline && *deadline <= now());
}

void UvLoop::fire_due_timers() {
    const Time reached = now();
    if (descriptor_deadline_ > reached) return;
    timers_.fire_due(reached);
    // Setting it also takes back its readiness. Without any timer left it must still be set to something.
    descriptor_deadline_ = Time::max();
    if (timers_.next_deadline()) {
        set_timer_descriptor();
    } else {
        const itimerspec never{};
        ::timerfd_settime(timer_descriptor_.get(), 0, &never, nullptr);
    }
}

void UvLoop::work_done() {
    fire_due_timers();
    turns_.serve();
    fire_due_timers();
}

Result<std::unique_ptr<ShellIo>> UvLoop::open_shell(const ShellOptions& options, ShellListener& listener) {
    watch_children();
    auto terminal = open_terminal(options.columns, options.rows);
    if (!terminal) return terminal.error();
    auto identity = runner_->shells.next_identity(options.owner_mark, options.early);
    runner_->guardian.shell_started(identity.number,
                                    std::string_view(options.owner_mark).substr(0, options.run_mark_size));
    const std::shared_lock starting(runner_->shells.starts());
    const auto limits = runner_->limits.of_child(identity.family, identity.slack);
    auto pid = spawn_on_terminal(options, limits, terminal->path);
    if (!pid) return pid.error();
    identity.pid = *pid;
    auto shell = std::make_unique<UvShell>(*this, std::move(*terminal), std::move(identity), listener);
    if (!shell->is_watched()) return Error{"the terminal can't be waited for", 0};
    return std::unique_ptr<ShellIo>(std::move(shell));
}

Result<std::unique_ptr<ProcessIo>> UvLoop::open_process(const ProcessOptions& options,
                                                        ProcessListener& listener) {
    watch_children();
    auto pipes = open_output_pipes();
    if (!pipes) return pipes.error();
    auto identity = runner_->shells.next_identity(options.owner_mark, false);
    runner_->guardian.shell_started(identity.number,
                                    std::string_view(options.owner_mark).substr(0, options.run_mark_size));
    const std::shared_lock starting(runner_->shells.starts());
    const auto limits = runner_->limits.of_child(identity.family, identity.slack);
    auto pid = spawn_on_pipes(options, limits, pipes->output.writing.get(), pipes->errors.writing.get());
    if (!pid) return pid.error();
    identity.pid = *pid;
    return std::unique_ptr<ProcessIo>(
        std::make_unique<UvProcess>(*this, std::move(*pipes), std::move(identity), listener));
}

// All statuses are collected before anyone is told, for a listener may destroy shells, its own and others.
void UvLoop::children_changed() {
    std::vector<UvChild*> waiting;  // their own processes were reaped earlier
    for (UvChild* child : children_) {
        if (child->waits_for_others()) waiting.push_back(child);
    }
    Changes changes;
    if (children_.size() <= kFewChildren || !collect_ended(changes)) {
        for (UvChild* child : children_) {
            if (auto status = child->collect_exit()) changes.emplace_back(child, status);
        }
    }
    families_.reap_orphans();
    for (UvChild* child : waiting)
        changes.emplace_back(child, std::nullopt);
    for (const auto& [child, status] : changes) {
        const bool still_there = std::find(children_.begin(), children_.end(), child) != children_.end();
        if (still_there) child->children_changed(status);
        turns_.serve();
    }
    work_done();
}

/// Asks who has ended, not each whether it has. False: among them is one that is none of ours, which hides
/// the others.
bool UvLoop::collect_ended(Changes& changes) {
    for (;;) {
        siginfo_t ended{};
        const int code = ::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT | __WNOTHREAD);
        if (code != 0 || ended.si_pid == 0) return code == 0 || errno == ECHILD;
        const auto child = std::find_if(children_.begin(), children_.end(), [&ended](const UvChild* one) {
            return one->process() == ended.si_pid;
        });
        if (child != children_.end()) {
            auto status = (*child)->collect_exit();
            if (!status) return false;
            changes.emplace_back(*child, status);
        } else if (!families_.reap_if_orphan(ended.si_pid)) {
            return false;
        }
    }
}

void UvLoop::post(std::function<void()> callback) {
    bool first = false;
    {
        const std::lock_guard lock(posted_mutex_);
        first = posted_.empty();
        posted_.push_back(std::move(callback));
    }
    if (first) ::eventfd_write(posted_descriptor_.get(), 1);
}

void UvLoop::run_posted() {
    std::vector<std::function<void()>> ready;
    // Before they are taken: what is posted after that writes again.
    eventfd_t count = 0;
    ::eventfd_read(posted_descriptor_.get(), &count);
    {
        const std::lock_guard lock(posted_mutex_);
        ready.swap(posted_);
    }
    for (auto& callback : ready) {
        callback();
        turns_.serve();
    }
}

void UvLoop::run_beside(std::function<void()> work, std::function<void()> done) {
    struct Beside {
        uv_work_t request{};
        std::function<void()> work;
        std::function<void()> done;
    };
    auto beside = std::make_unique<Beside>();
    beside->work = std::move(work);
    beside->done = std::move(done);
    beside->request.data = beside.get();
    // Its end comes back by way of the loop, also for work that has not begun when the loop ends.
    uv_queue_work(
        &uv_, &beside.release()->request,
        [](uv_work_t* request) { static_cast<Beside*>(request->data)->work(); },
        [](uv_work_t* request, int) {
            const std::unique_ptr<Beside> ended(static_cast<Beside*>(request->data));
            ended->done();
        });
}

// One thread, and none of those that search: a log's blocks stay in order, and no report waits for a search.
void UvLoop::write_beside(std::function<void()> work, std::function<void()> done) {
    ++writings_;
    std::function<void()> writing = [this, work = std::move(work), done = std::move(done)] {
        work();
        post([this, done] {
            --writings_;
            done();
        });
    };
    // Without a thread it is done here.
    if (!writer_.add(0, std::move(writing))) writing();
}

void UvLoop::finish_writing() {
    while (writings_ > 0) {
        writer_.wait_until_done(std::chrono::hours(1));
        run_posted();
    }
}

void UvLoop::watch_interrupts(std::function<void(int)> callback) {
    interrupted_ = std::move(callback);
    const auto deliver = [](uv_signal_t* handle, int signal) { loop_of(handle->loop).interrupted_(signal); };
    if (!is_ignored(SIGXFSZ)) uv_signal_start(&file_size_signal_, deliver, SIGXFSZ);
    ending_signals_.watch(&uv_, [this](int signal) { interrupted_(signal); });
}

std::unique_ptr<Watch> UvLoop::watch_signal(int signal, std::function<void()> callback) {
    ending_signals_.leave_out(signal);
    auto watch = std::make_unique<UvWatch<uv_signal_t>>(std::move(callback));
    uv_signal_init(&uv_, watch->handle());
    const int code = uv_signal_start(
        watch->handle(), [](uv_signal_t* handle, int) { UvWatch<uv_signal_t>::call(handle); }, signal);
    if (code != 0) return nullptr;
    return watch;
}

std::unique_ptr<Watch> UvLoop::watch_readable(int descriptor, std::function<void()> callback) {
    auto watch = std::make_unique<UvWatch<uv_poll_t>>(std::move(callback));
    if (uv_poll_init(&uv_, watch->handle(), descriptor) != 0) {
        watch->forget();
        return nullptr;
    }
    uv_poll_start(watch->handle(), UV_READABLE,
                  [](uv_poll_t* handle, int, int) { UvWatch<uv_poll_t>::call(handle); });
    return watch;
}

std::unique_ptr<DescriptorWatch> UvLoop::watch_descriptor(int descriptor, Readiness wanted,
                                                          std::function<void(Readiness)> callback) {
    return make_uv_descriptor_watch(&uv_, descriptor, wanted, std::move(callback));
}

void UvLoop::run() {
    uv_run(&uv_, UV_RUN_DEFAULT);
}

void UvLoop::stop() {
    uv_stop(&uv_);
}

namespace {

Result<std::unique_ptr<Loop>> make_started(std::shared_ptr<RunnerProcess> runner, bool first) {
    auto loop = std::make_unique<UvLoop>(std::move(runner), first);
    if (Status status = loop->start(); !status) return status.error();
    return std::unique_ptr<Loop>(std::move(loop));
}

}  // namespace

Result<std::unique_ptr<Loop>> UvLoop::make_loop_beside() {
    return make_started(runner_, false);
}

Result<std::unique_ptr<Loop>> make_uv_loop() {
    return make_started(std::make_shared<RunnerProcess>(), true);
}

}  // namespace relux::io

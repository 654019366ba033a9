// The real loop: libuv for readiness, one timerfd for all timers, SIGCHLD for the ends of processes.
// Private to vm/io; everyone else sees loop.h.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <uv.h>

#include "vm/base/background_work.h"
#include "vm/base/fd.h"
#include "vm/io/ending_signals.h"
#include "vm/io/loop.h"
#include "vm/io/output_turns.h"
#include "vm/io/process_tree.h"
#include "vm/io/runner_process.h"
#include "vm/io/shell_families.h"
#include "vm/io/timer_queue.h"
#include "vm/io/uv_child.h"

namespace relux::io {

class UvLoop final : public Loop {
  public:
    /// `first`: the one whose runner this is, as make_uv_loop() makes it; the others are besides it.
    explicit UvLoop(std::shared_ptr<RunnerProcess> runner, bool first);
    UvLoop(const UvLoop&) = delete;
    UvLoop& operator=(const UvLoop&) = delete;
    ~UvLoop() override;
    /// Once, before anything else.
    Status start();

    Time now() override;
    std::unique_ptr<Timer> make_timer(std::function<void()> callback) override;
    Result<std::unique_ptr<ShellIo>> open_shell(const ShellOptions& options,
                                                ShellListener& listener) override;
    void post(std::function<void()> callback) override;
    void run_beside(std::function<void()> work, std::function<void()> done) override;
    void write_beside(std::function<void()> work, std::function<void()> done) override;
    void watch_interrupts(std::function<void(int)> callback) override;
    std::unique_ptr<Watch> watch_signal(int signal, std::function<void()> callback) override;
    std::unique_ptr<Watch> watch_readable(int descriptor, std::function<void()> callback) override;
    std::unique_ptr<DescriptorWatch> watch_descriptor(int descriptor, Readiness wanted,
                                                      std::function<void(Readiness)> callback) override;
    Result<std::unique_ptr<ProcessIo>> open_process(const ProcessOptions& options,
                                                    ProcessListener& listener) override;
    Result<std::unique_ptr<Loop>> make_loop_beside() override;
    void run() override;
    void stop() override;

    // For the shells and processes.
    uv_loop_t* uv() { return &uv_; }
    ProcessTree& processes() { return processes_; }
    RunnerProcess& runner() { return *runner_; }
    ShellFamilies& families() { return families_; }
    std::array<char, 65536>& read_buffer() { return read_buffer_; }
    void add_child(UvChild& child) { children_.push_back(&child); }
    void remove_child(UvChild& child) { std::erase(children_, &child); }
    bool has_many_children() const { return children_.size() > 1; }
    OutputTurns& turns() { return turns_; }
    bool is_timer_due();
    void fire_due_timers();
    /// After each piece of work: a time-out does not wait for the rest of this turn, nor does a shell that
    /// prints much.
    void work_done();

  private:
    Status start_timers();
    Status start_posts();
    Status start_signals();
    void watch_children();
    void set_timer_descriptor();
    static void on_child_signal(uv_signal_t* signal, int number);
    using Changes = std::vector<std::pair<UvChild*, std::optional<ExitStatus>>>;
    void children_changed();
    bool collect_ended(Changes& changes);
    void run_posted();
    void finish_writing();
    void close_handles();

    std::shared_ptr<RunnerProcess> runner_;  // first in, last out
    bool first_;
    uv_loop_t uv_{};
    uv_poll_t posted_ready_{};
    uv_poll_t timer_ready_{};
    uv_signal_t child_signal_{};
    uv_signal_t file_size_signal_{};
    EndingSignals ending_signals_;
    bool started_ = false;
    bool watches_children_ = false;

    int writings_ = 0;  // that are not done yet
    BackgroundWork writer_{"relux: writes"};

    Fd timer_descriptor_;
    Time descriptor_deadline_ = Time::max();  // what the timerfd is set to
    TimerQueue timers_;
    OutputTurns turns_{*this};

    ProcessTree processes_;
    ShellFamilies families_;
    std::vector<UvChild*> children_;
    std::array<char, 65536> read_buffer_;

    std::function<void(int)> interrupted_;
    Fd posted_descriptor_;  // an eventfd, readable while something is posted
    std::mutex posted_mutex_;
    std::vector<std::function<void()>> posted_;  // guarded by posted_mutex_
};

}  // namespace relux::io

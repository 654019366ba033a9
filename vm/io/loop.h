// The world's edge: time, timers, shells and signals, behind an interface so that tests run on virtual time
// with scripted shells. One loop, one thread; only post() and make_loop_beside() may be called from another
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "vm/base/duration.h"
#include "vm/base/result.h"
#include "vm/io/process_io.h"
#include "vm/io/shell_io.h"

namespace relux::io {

/// Nanoseconds on the loop's own monotonic clock; zero means nothing.
using Time = std::chrono::nanoseconds;

/// A timer owned by whoever waits. Never fires before its deadline on the clock that now() reads, at most
/// once per arm(); not at all after disarm() or destruction. The callback may re-arm or destroy it.
class Timer {
  public:
    virtual ~Timer() = default;
    virtual void arm(Time deadline) = 0;
    virtual void disarm() = 0;
    virtual bool armed() const = 0;
};

/// Ends when it is destroyed.
class Watch {
  public:
    virtual ~Watch() = default;
};

/// Says what a descriptor is waited for, or is ready for.
struct Readiness {
    bool read = false;
    bool write = false;
};

/// A watch of both directions, which change as its owner has something to write.
class DescriptorWatch : public Watch {
  public:
    /// Neither: waits for nothing, until the next call.
    virtual void wait_for(Readiness wanted) = 0;
};

class Loop {
  public:
    virtual ~Loop() = default;
    /// Read anew at each call.
    virtual Time now() = 0;
    virtual std::unique_ptr<Timer> make_timer(std::function<void()> callback) = 0;
    /// Starts a shell on a terminal of its own, without copying the address space. `listener` must outlive
    /// the returned object. Errors: the command can't be run, no terminal or descriptor is left.
    virtual Result<std::unique_ptr<ShellIo>> open_shell(const ShellOptions& options,
                                                        ShellListener& listener) = 0;
    /// Runs `callback` on the loop's thread, soon, once. Thread-safe.
    virtual void post(std::function<void()> callback) = 0;
    /// Runs `work` on another thread and then `done` on the loop's. Neither may throw. The loop's destructor
    /// waits for what it has been given, so whatever both use must live as long.
    virtual void run_beside(std::function<void()> work, std::function<void()> done) = 0;
    /// The same for work that mostly waits for a disk. On virtual time it takes none.
    virtual void write_beside(std::function<void()> work, std::function<void()> done) = 0;
    /// `callback(signal number)` for every signal that would end the process and is no crash, as it arrives,
    /// on the loop's thread: SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, a limit of the system that is reached
    /// (SIGXCPU, SIGXFSZ), and the like. But for the first two, what whoever started us has ignored stays
    /// ignored (nohup). Once, before there are other threads.
    virtual void watch_interrupts(std::function<void(int)> callback) = 0;
    /// `callback()` for each of these signals, on the loop's thread. Null if the system refuses.
    virtual std::unique_ptr<Watch> watch_signal(int signal, std::function<void()> callback) = 0;
    /// `callback()` while the descriptor, which outlives the result, has something to read, or has ended.
    /// Null if it is of a kind that can't be waited for.
    virtual std::unique_ptr<Watch> watch_readable(int descriptor, std::function<void()> callback) = 0;
    /// `callback(what it is ready for)` again and again while that is so and wanted. An error or a hang-up
    /// counts as ready for all that is wanted, so that the next read or write tells what it is. The watch
    /// must be destroyed before the descriptor is closed; its callback may do both. Null if the descriptor
    /// is of a kind that can't be waited for, or watched already.
    virtual std::unique_ptr<DescriptorWatch> watch_descriptor(int descriptor, Readiness wanted,
                                                              std::function<void(Readiness)> callback) = 0;
    /// Starts a process without a terminal, with its output on pipes, without copying the address space.
    /// `listener` must outlive the returned object. Errors: as of open_shell().
    virtual Result<std::unique_ptr<ProcessIo>> open_process(const ProcessOptions& options,
                                                            ProcessListener& listener) = 0;
    /// A loop for another thread of the same runner, which makes it, runs it and destroys it, and before this
    /// one is destroyed. While there are others the first one starts no shells: what a shell leaves behind
    /// becomes a child of the thread that the first one is on. May be called by any thread.
    virtual Result<std::unique_ptr<Loop>> make_loop_beside() = 0;
    /// Runs until stop() is called. Callbacks run inside.
    virtual void run() = 0;
    virtual void stop() = 0;
};

/// The real one, on libuv; its timers sit on a timerfd, since libuv's own can fire early.
Result<std::unique_ptr<Loop>> make_uv_loop();

}  // namespace relux::io

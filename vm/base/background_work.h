// Work that may wait for a disk or a reader, done in order on a thread of its own, so that whoever has it
// done does not wait. No signal is handled on that thread but SIGXFSZ.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace relux {

class BackgroundWork {
  public:
    /// `name`: of its thread, as the system shows it; at most 15 bytes, of which it keeps the address.
    explicit BackgroundWork(const char* name);
    /// The thread may do what has not been done later, or never: the work owns all that it uses.
    ~BackgroundWork();
    BackgroundWork(const BackgroundWork&) = delete;
    BackgroundWork& operator=(const BackgroundWork&) = delete;

    /// After all that was added before. The thread is made with the first. False: the system gives none, and
    /// `work` is as it was.
    bool add(std::size_t size, std::function<void()>&& work);
    /// The sizes of all that is not done yet.
    std::size_t waiting() const;
    /// Waits for at most so long; true: all is done.
    bool wait_until_done(std::chrono::milliseconds time);

  private:
    struct Queue;
    /// Owned by the thread too, which may be in work that never ends.
    std::shared_ptr<Queue> queue_;
};

}  // namespace relux

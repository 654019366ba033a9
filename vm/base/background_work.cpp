#include "vm/base/background_work.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <pthread.h>
#include <signal.h>
#include <system_error>
#include <thread>
#include <utility>

#include "vm/base/signals.h"

namespace relux {

struct BackgroundWork::Queue {
    struct Work {
        std::size_t size = 0;
        std::function<void()> run;
    };
    void run_all();

    const char* name = nullptr;
    std::mutex mutex;
    std::condition_variable changed;
    std::condition_variable done;
    // Guarded by mutex.
    std::deque<Work> works;
    std::size_t waiting = 0;  // with what is being done
    bool busy = false;
    bool closed = false;
    bool started = false;
};

void BackgroundWork::Queue::run_all() {
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait(lock, [this] { return closed || !works.empty(); });
        if (works.empty()) return;
        auto work = std::move(works.front());
        works.pop_front();
        busy = true;
        lock.unlock();
        work.run();
        work.run = nullptr;
        lock.lock();
        busy = false;
        waiting -= work.size;
        if (works.empty()) done.notify_all();
    }
}

BackgroundWork::BackgroundWork(const char* name) : queue_(std::make_shared<Queue>()) {
    queue_->name = name;
}

BackgroundWork::~BackgroundWork() {
    {
        const std::lock_guard lock(queue_->mutex);
        queue_->closed = true;
    }
    queue_->changed.notify_one();
}

bool BackgroundWork::add(std::size_t size, std::function<void()>&& work) {
    const std::lock_guard lock(queue_->mutex);
    if (!queue_->started) {
        // The kernel tells the thread that writes of a file that has grown too large.
        const BlockedSignals of_the_thread(SIGXFSZ);
        try {
            std::thread([queue = queue_] {
                ::pthread_setname_np(::pthread_self(), queue->name);
                queue->run_all();
            }).detach();
            queue_->started = true;
        } catch (const std::system_error&) {
        }
    }
    if (!queue_->started) return false;
    queue_->works.push_back({size, std::move(work)});
    queue_->waiting += size;
    queue_->changed.notify_one();
    return true;
}

std::size_t BackgroundWork::waiting() const {
    const std::lock_guard lock(queue_->mutex);
    return queue_->waiting;
}

bool BackgroundWork::wait_until_done(std::chrono::milliseconds time) {
    std::unique_lock lock(queue_->mutex);
    return queue_->done.wait_for(lock, time, [this] { return queue_->works.empty() && !queue_->busy; });
}

}  // namespace relux

// Work on many things that have nothing to do with each other, on all processors.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "vm/base/processors.h"

namespace relux {

/// Things that work needs, as many as there are threads that use one at a time. They last as long as the
/// pool.
template <class T>
class WorkplacePool {
  public:
    /// One that nobody uses, as its last user has left it; given back at the end.
    class Loan {
      public:
        explicit Loan(WorkplacePool& pool) : pool_(pool), place_(pool.take()) {}
        ~Loan() { pool_.give_back(place_); }
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;
        T& operator*() const { return *place_; }

      private:
        WorkplacePool& pool_;
        T* place_;
    };

  private:
    T* take() {
        const std::lock_guard lock(mutex_);
        if (free_.empty()) return &places_.emplace_back();
        T* const place = free_.back();
        free_.pop_back();
        return place;
    }
    void give_back(T* place) {
        const std::lock_guard lock(mutex_);
        free_.push_back(place);
    }

    std::mutex mutex_;
    std::deque<T> places_;  ///< a deque: they stay where they are
    std::vector<T*> free_;
};

/// Calls work(i) once for each i below `count` and returns when all calls have. They come in any order and
/// several at once, so what they give must not depend on that; `work` must not throw. Few of them, or without
/// a second processor, are done by the calling thread alone.
template <class Work>
void parallel_for(std::size_t count, const Work& work) {
    // A thread costs as much as compiling some tens of lines.
    constexpr std::size_t kFewestOfAThread = 16;
    constexpr std::size_t kTakenAtOnce = 4;
    constexpr std::size_t kMostThreads = 16;
    std::atomic<std::size_t> next = 0;
    const auto take_all = [&] {
        for (auto first = next.fetch_add(kTakenAtOnce); first < count; first = next.fetch_add(kTakenAtOnce)) {
            for (auto i = first; i < std::min(count, first + kTakenAtOnce); ++i)
                work(i);
        }
    };
    const auto wanted =
        std::min({count / kFewestOfAThread, kMostThreads, static_cast<std::size_t>(allowed_processors())});
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < wanted; ++i) {
        try {
            helpers.emplace_back(take_all);
        } catch (const std::system_error&) {
            break;  // no more threads are to be had: those that are there do it
        }
    }
    take_all();
}

}  // namespace relux

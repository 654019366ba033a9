// How much memory several owners, on whatever threads, may hold together.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>

namespace relux {

class MemoryBudget {
  public:
    /// `limit` in bytes.
    explicit MemoryBudget(std::size_t limit) : sure_(limit) {}
    /// Up to `sure` bytes are there without asking; beyond them `find_limit` is called, once.
    MemoryBudget(std::size_t sure, std::function<std::size_t()> find_limit)
        : sure_(sure), find_limit_(std::move(find_limit)) {}
    MemoryBudget(const MemoryBudget&) = delete;
    MemoryBudget& operator=(const MemoryBudget&) = delete;

    /// False: that would be more than the limit, and nothing was taken.
    bool take(std::size_t bytes);
    /// For what has to be held whatever the limit.
    void take_anyway(std::size_t bytes) { held_.fetch_add(bytes, std::memory_order_relaxed); }
    void give_back(std::size_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }
    std::size_t held() const { return held_.load(std::memory_order_relaxed); }

  private:
    std::size_t limit();

    std::atomic<std::size_t> held_ = 0;
    std::size_t sure_;
    std::function<std::size_t()> find_limit_;
    std::once_flag found_;
    std::size_t limit_ = 0;  ///< once found_
};

}  // namespace relux

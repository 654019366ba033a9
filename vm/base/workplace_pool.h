// Things that several threads use, each of them one thread at a time.
#pragma once

#include <deque>
#include <mutex>
#include <vector>

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

}  // namespace relux

// How many shells may be open at once: as many as there are descriptors for. A shell that must wait does so
// for another one to end; which tests hold and which wait is known, so that a wait that can't end is seen.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace relux::run {

class ShellSlots {
  public:
    /// By the present limit of descriptors.
    ShellSlots();

    /// Called once in a run, when the first shell has to wait: why.
    std::function<void(const std::string&)> on_first_wait;

    /// Leaves this many-th part of the shells to the owner of this, for there are others on other threads.
    void share_among(std::size_t owners);
    bool free() const { return held_ < capacity_; }
    std::size_t capacity() const { return capacity_; }
    /// `test` identifies who holds.
    void take(const void* test);
    void give_back(const void* test);
    /// Between these two `test` waits; `why` is said if nobody has waited before.
    void begin_wait(const void* test, const std::string& why);
    void end_wait(const void* test);
    /// Whether a test that does not wait itself has a shell, whose end may be waited for.
    bool somebody_will_release() const;

  private:
    struct Holder {
        std::size_t shells = 0;
        std::size_t waiting = 0;
    };
    void forget_if_idle(const void* test);

    std::size_t capacity_;
    std::size_t held_ = 0;
    bool said_ = false;
    std::map<const void*, Holder> holders_;
};

}  // namespace relux::run

// See shell_slots.h.
#include "vm/run/shell_slots.h"

#include <algorithm>
#include <sys/resource.h>

namespace relux::run {

namespace {

/// The loop, standard streams, the archive of the suite, and reports while they are written.
constexpr rlim_t kOfTheRun = 32;
/// The terminal, what is read of /proc about its reader, and logs while they are written.
constexpr rlim_t kOfAShell = 5;
/// More than any system has terminals for.
constexpr std::size_t kUnlimited = 1'000'000;

}  // namespace

ShellSlots::ShellSlots() : capacity_(kUnlimited) {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return;
    const auto left = files.rlim_cur > kOfTheRun ? files.rlim_cur - kOfTheRun : 0;
    capacity_ = std::clamp<std::size_t>(left / kOfAShell, 1, kUnlimited);
}

void ShellSlots::share_among(std::size_t owners) {
    capacity_ = std::max<std::size_t>(capacity_ / owners, 1);
}

void ShellSlots::take(const void* test) {
    ++held_;
    ++holders_[test].shells;
}

void ShellSlots::give_back(const void* test) {
    --held_;
    --holders_[test].shells;
    forget_if_idle(test);
}

void ShellSlots::begin_wait(const void* test, const std::string& why) {
    ++holders_[test].waiting;
    if (!said_ && on_first_wait) on_first_wait(why);
    said_ = true;
}

void ShellSlots::end_wait(const void* test) {
    --holders_[test].waiting;
    forget_if_idle(test);
}

bool ShellSlots::somebody_will_release() const {
    return std::any_of(holders_.begin(), holders_.end(), [](const auto& entry) {
        return entry.second.shells > 0 && entry.second.waiting == 0;
    });
}

void ShellSlots::forget_if_idle(const void* test) {
    const auto found = holders_.find(test);
    if (found->second.shells == 0 && found->second.waiting == 0) holders_.erase(found);
}

}  // namespace relux::run

#include "vm/run/shell_pool.h"

#include <algorithm>
#include <sys/resource.h>
#include <utility>

#include "vm/base/directory.h"
#include "vm/io/terminal_supply.h"

namespace relux::run {

namespace {

/// The loop, standard streams, the archive of the suite, and reports while they are written.
constexpr rlim_t kOfTheRun = 32;
/// The terminal, what is read of /proc about its reader, and logs while they are written.
constexpr rlim_t kOfAShell = 5;
/// A shell keeps of them its terminal and two files of its reader, as long as it is there.
constexpr rlim_t kKeptByAShell = 3;
/// So many are open for a moment only, however many shells there are.
constexpr rlim_t kForAMoment = 2;
/// More than any system has terminals for.
constexpr std::size_t kUnlimited = 1'000'000;

/// RLIM_INFINITY: there is no limit.
rlim_t descriptor_limit() {
    rlimit files{};
    return ::getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : RLIM_INFINITY;
}

std::size_t capacity_by_descriptors() {
    const auto limit = descriptor_limit();
    if (limit == RLIM_INFINITY) return kUnlimited;
    const auto left = limit > kOfTheRun ? limit - kOfTheRun : 0;
    return std::clamp<std::size_t>(left / kOfAShell, 1, kUnlimited);
}

/// Counts the open descriptors of this process, at this moment.
std::size_t open_descriptors() {
    const Directory directory(::opendir("/proc/self/fd"));
    std::size_t count = 0;
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr)
        count += entry->d_name[0] != '.';
    return count - std::min<std::size_t>(count, 1);  // that of the directory itself
}

}  // namespace

ShellPool::ShellPool() : capacity_(capacity_by_descriptors()) {}

std::size_t ShellPool::capacity() const {
    const std::lock_guard lock(mutex_);
    return capacity_;
}

std::optional<std::string> ShellPool::refusal(std::size_t shells) const {
    const std::lock_guard lock(mutex_);
    if (shells <= capacity_) return std::nullopt;
    const auto why = "the test needs " + std::to_string(shells) + " shells at once: ";
    const auto terminals = io::terminal_supply().most;
    if (shells > terminals)
        return why + "there are no more than " + std::to_string(terminals) +
               " terminals (/proc/sys/kernel/pty/max, or the limit of the mount /dev/pts)";
    const auto limit = descriptor_limit();
    const auto of_the_run = open_descriptors();
    const auto others = of_the_run - std::min(of_the_run, open_ * kKeptByAShell);
    const auto needed = others + kForAMoment + shells * kKeptByAShell;
    if (limit == RLIM_INFINITY || needed <= limit) return std::nullopt;
    return why + "with what the run itself has open that is " + std::to_string(needed) +
           " descriptors, and the limit is " + std::to_string(limit) + " (ulimit -n)";
}

// Reservations

std::optional<std::size_t> ShellPool::room_for(std::size_t shells) {
    if (shells > 0 && reserved_ > 0) look_for_terminals();
    const auto wanted = std::min(shells, capacity_);
    if (wanted > 0 && reserved_ > 0 && reserved_ + wanted > capacity_) return std::nullopt;
    return wanted;
}

/// Before tests run side by side, for one alone is told by the system what is wrong.
void ShellPool::look_for_terminals() {
    if (std::exchange(terminals_known_, true)) return;
    const auto terminals = std::max<std::size_t>(open_ + io::terminal_supply().free, 1);
    if (terminals >= capacity_) return;
    capacity_ = terminals;
    limited_by_ = Limit::Terminals;
}

/// Others may have let go of some. What the shells of a test that ends have is told too late rather than too
/// early, so the number only grows.
void ShellPool::look_for_more_terminals() {
    if (limited_by_ != Limit::Terminals || line_.empty()) return;
    capacity_ = std::clamp(open_ + io::terminal_supply().free, capacity_, capacity_by_descriptors());
}

void ShellPool::reserve(Waiter& waiter) {
    std::string why;
    {
        const std::lock_guard lock(mutex_);
        if (line_.empty() || waiter.shells_ == 0) {
            if (const auto room = room_for(waiter.shells_)) {
                reserved_ += *room;
                waiter.granted_ = *room;
                return;
            }
        }
        waiter.waits_ = true;
        line_.push_back(&waiter);
        why = (limited_by_ == Limit::Terminals ? "terminals" : "descriptors") +
              (" are enough for " + std::to_string(capacity_)) + (capacity_ == 1 ? " shell" : " shells") +
              " at once; tests wait for their turn (" +
              (limited_by_ == Limit::Terminals ? "/proc/sys/kernel/pty/max" : "ulimit -n") + ")";
    }
    say(why);
}

void ShellPool::withdraw(Waiter& waiter) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = std::find(line_.begin(), line_.end(), &waiter);
        if (found == line_.end()) return;
        line_.erase(found);
        serve();
    }
    waiter.waits_ = false;
    waiter.over_.notify_all();
}

bool ShellPool::try_reserve(std::size_t shells) {
    const std::lock_guard lock(mutex_);
    if (!line_.empty()) return false;
    const auto room = room_for(shells);
    if (!room || *room < shells) return false;
    reserved_ += shells;
    return true;
}

void ShellPool::give_back(std::size_t shells) {
    const std::lock_guard lock(mutex_);
    reserved_ -= shells;
    look_for_more_terminals();
    serve();
}

/// A waiter is told on its loop, behind the callback in which shells that have ended let go of theirs.
void ShellPool::serve() {
    while (!line_.empty()) {
        auto& next = *line_.front();
        const auto room = room_for(next.shells_);
        if (!room) return;
        line_.pop_front();
        reserved_ += *room;
        next.granted_ = *room;
        next.loop_.post([&next] {
            next.waits_ = false;
            next.over_.notify_all();
        });
    }
}

void ShellPool::say(const std::string& why) {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(said_, true)) return;
    }
    if (on_shortage) on_shortage(why);
}

// Counting what is open

void ShellPool::opened(const void* test) {
    const std::lock_guard lock(mutex_);
    ++open_;
    ++holders_[test].shells;
}

void ShellPool::closed(const void* test) {
    const std::lock_guard lock(mutex_);
    --open_;
    --holders_[test].shells;
    forget_if_idle(test);
}

void ShellPool::begin_wait(const void* test, const std::string& why) {
    {
        const std::lock_guard lock(mutex_);
        ++holders_[test].waiting;
        capacity_ = std::clamp<std::size_t>(open_, 1, capacity_);
        limited_by_ = Limit::Learned;
    }
    say(why);
}

void ShellPool::end_wait(const void* test) {
    const std::lock_guard lock(mutex_);
    --holders_[test].waiting;
    forget_if_idle(test);
}

bool ShellPool::somebody_will_release() const {
    const std::lock_guard lock(mutex_);
    return std::any_of(holders_.begin(), holders_.end(), [](const auto& entry) {
        return entry.second.shells > 0 && entry.second.waiting == 0;
    });
}

void ShellPool::forget_if_idle(const void* test) {
    const auto found = holders_.find(test);
    if (found->second.shells == 0 && found->second.waiting == 0) holders_.erase(found);
}

}  // namespace relux::run

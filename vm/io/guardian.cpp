// The guardian is a fork without an exec: it is ready within a fraction of a millisecond and needs no file of
// its own.
#include "vm/io/guardian.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

#include "vm/io/process_tree.h"
#include "vm/io/shell_process.h"

namespace relux::io {

/// Atomic for the threads of the runner; the guardian reads once they are gone.
struct Guardian::Shared {
    std::atomic<std::uint32_t> shells = 0;
    std::atomic<bool> has_mark = false;
    std::uint32_t mark_size = 0;
    char mark[4000];
};

namespace {

/// One round finds what the last one's victims had just started; more rounds than that mean a fork bomb.
constexpr int kRounds = 50;
constexpr timespec kBetweenRounds{0, 10'000'000};

struct Runner {
    pid_t pid = 0;
    unsigned long slack = 0;
    std::uint64_t started = 0;  // of its guardian, before any shell
    /// Who adopts what it leaves is one of them: its parents and theirs.
    std::vector<pid_t> ancestors;
    std::uint32_t shells = 0;
    std::string_view mark;
};

/// Looks in all of /proc for what the processes of one run have left.
class Search {
  public:
    explicit Search(const Runner& runner) : runner_(runner) {
        DIR* directory = ::opendir("/proc");
        if (directory == nullptr) return;
        while (const dirent* entry = ::readdir(directory)) {
            pid_t pid = 0;
            const char* end = entry->d_name + std::strlen(entry->d_name);
            const auto [last, error] = std::from_chars(entry->d_name, end, pid);
            if (error == std::errc() && last == end && pid != ::getpid()) births_[pid] = process_birth(pid);
        }
        ::closedir(directory);
    }

    std::vector<pid_t> members() {
        std::vector<pid_t> result;
        for (const auto& [pid, birth] : births_) {
            // A zombie keeps its marks until somebody waits for it, and is no work any more.
            if (is_member(pid, 0) && process_runs(pid)) result.push_back(pid);
        }
        return result;
    }

  private:
    bool is_ancestor(pid_t pid) const {
        return pid <= 1 ||
               std::find(runner_.ancestors.begin(), runner_.ancestors.end(), pid) != runner_.ancestors.end();
    }

    bool is_member(pid_t pid, int depth) {
        constexpr int kDeepest = 1000;  // the list is not of one moment, so it may have rings
        const auto birth = births_.find(pid);
        if (birth == births_.end() || birth->second.started < runner_.started || is_ancestor(pid) ||
            depth > kDeepest)
            return false;
        const auto [at, first] = members_.try_emplace(pid, false);
        if (!first) return at->second;
        const bool result =
            is_marked(pid, birth->second.parent) || is_member(birth->second.parent, depth + 1);
        members_[pid] = result;
        return result;
    }

    bool is_marked(pid_t pid, pid_t parent) const {
        const rlim_t family = process_mark(pid).family;
        if (is_family(family)) return is_family_of(family, runner_.pid);
        if (!runner_.mark.empty() && has_environment(pid)) return true;
        // Others may have the same slack, but none that has lost its parent: another runner that lives has
        // adopted what its shells left.
        return is_ancestor(parent) && has_slack(pid);
    }

    bool has_slack(pid_t pid) const {
        const unsigned long slack = process_slack(pid);
        if (slack == 0 || slack == runner_.slack) return false;
        for (std::uint32_t number = 1; number <= runner_.shells; ++number) {
            if (shell_slack(runner_.pid, number) == slack) return true;
        }
        return false;
    }

    bool has_environment(pid_t pid) const {
        char path[48];
        std::snprintf(path, sizeof path, "/proc/%d/environ", pid);
        const int file = ::open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) return false;
        std::string content("\0", 1);
        char buffer[4096];
        for (ssize_t size = 0; (size = ::read(file, buffer, sizeof buffer)) > 0;)
            content.append(buffer, static_cast<std::size_t>(size));
        ::close(file);
        for (std::size_t at = 0; (at = content.find(runner_.mark, at)) != std::string::npos; ++at) {
            if (at > 0 && content[at - 1] == '\0') return true;
        }
        return false;
    }

    const Runner& runner_;
    std::unordered_map<pid_t, ProcessBirth> births_;
    std::unordered_map<pid_t, bool> members_;
};

/// Stops them until there is none that runs, for a process that is stopped starts no other; then kills them.
/// Whether there was any.
bool kill_all_of(const Runner& runner) {
    std::vector<pid_t> stopped;
    for (int round = 0; round < kRounds; ++round) {
        bool found = false;
        for (const pid_t pid : Search(runner).members()) {
            if (std::find(stopped.begin(), stopped.end(), pid) != stopped.end()) continue;
            // Not ours to signal: somebody else's (setuid).
            found = ::kill(pid, SIGSTOP) == 0 || found;
            stopped.push_back(pid);
        }
        if (!found) break;
    }
    bool killed = false;
    for (const pid_t pid : stopped)
        killed = ::kill(pid, SIGKILL) == 0 || killed;
    return killed;
}

/// The bytes that the system shows as arguments are those on the stack, of which the fork has a copy.
void replace_arguments() {
    std::string content;
    char buffer[4096];
    const int file = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    for (ssize_t size = 0; (size = ::read(file, buffer, sizeof buffer)) > 0;)
        content.append(buffer, static_cast<std::size_t>(size));
    ::close(file);
    // Fields 48 and 49; the second one ends in a closing parenthesis.
    std::size_t at = content.rfind(')');
    for (int field = 2; field < 48 && at != std::string::npos; ++field)
        at = content.find(' ', at + 1);
    if (at == std::string::npos) return;
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    const char* last = content.data() + content.size();
    const auto first = std::from_chars(content.data() + at + 1, last, begin);
    if (first.ec != std::errc() || first.ptr == last) return;
    std::from_chars(first.ptr + 1, last, end);
    if (begin == 0 || end <= begin) return;
    auto* arguments = reinterpret_cast<char*>(begin);  // NOLINT(performance-no-int-to-ptr)
    std::memset(arguments, 0, end - begin);
    std::memcpy(arguments, kGuardianName, std::min(std::strlen(kGuardianName), end - begin - 1));
}

std::vector<pid_t> ancestors_of(pid_t pid) {
    std::vector<pid_t> result;
    constexpr std::size_t kMost = 1000;
    for (pid_t parent = process_birth(pid).parent; parent > 0 && result.size() < kMost;
         parent = process_birth(parent).parent)
        result.push_back(parent);
    return result;
}

[[noreturn]] void guard(Runner runner, int pipe, const char* mark, const std::uint32_t& mark_size,
                        const std::atomic<std::uint32_t>& shells) {
    ::setsid();
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    ::prctl(PR_SET_NAME, kGuardianName);
    replace_arguments();
    // The runner's output must end when the runner does.
    const int null = ::open("/dev/null", O_RDWR);
    for (int number = 0; number < 3; ++number)
        ::dup2(null, number);
    const int kept = ::fcntl(pipe, F_DUPFD, 3);
    if (kept != 3) ::dup2(pipe, 3);
    ::close_range(4, ~0U, 0);
    runner.ancestors = ancestors_of(runner.pid);
    runner.slack = process_slack(::getpid());
    runner.started = process_birth(::getpid()).started;
    char farewell = 0;
    ssize_t got = 0;
    do {
        got = ::read(3, &farewell, 1);
    } while (got < 0 && errno == EINTR);
    runner.mark = {mark, mark_size};
    runner.shells = shells;
    for (int round = 0; got == 0 && round < kRounds && kill_all_of(runner); ++round) {
        ::nanosleep(&kBetweenRounds, nullptr);
    }
    ::_exit(0);
}

}  // namespace

Status Guardian::start() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("cannot make a pipe", errno);
    Fd reading(ends[0]);
    farewell_ = Fd(ends[1]);
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return system_error("cannot get memory for the guardian process", errno);
    shared_ = new (memory) Shared;
    Runner runner;
    runner.pid = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) return system_error("cannot start the guardian process", errno);
    if (pid_ == 0)
        guard(std::move(runner), reading.get(), shared_->mark, shared_->mark_size, shared_->shells);
    return Done{};
}

void Guardian::shell_started(std::uint32_t number, std::string_view run_mark) {
    if (shared_ == nullptr) return;
    std::uint32_t known = shared_->shells.load(std::memory_order_relaxed);
    while (known < number && !shared_->shells.compare_exchange_weak(known, number)) {
    }
    if (run_mark.empty() || run_mark.size() > sizeof shared_->mark || shared_->has_mark.exchange(true))
        return;
    run_mark.copy(shared_->mark, run_mark.size());
    shared_->mark_size = static_cast<std::uint32_t>(run_mark.size());
}

Guardian::~Guardian() {
    if (pid_ > 0) {
        const char farewell = 1;
        [[maybe_unused]] const ssize_t written = ::write(farewell_.get(), &farewell, 1);
        farewell_.reset();
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
}

}  // namespace relux::io

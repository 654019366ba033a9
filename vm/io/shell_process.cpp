// A child that shares the runner's memory until it runs its program, as of posix_spawn: 0.1 ms whatever the
// size of the runner. posix_spawn itself can't set resource limits in the child, and setting them in the
// runner for that moment would be seen by its other threads.
#include "vm/io/shell_process.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "vm/base/signals.h"

namespace relux::io {

namespace {

std::string_view path_of(const std::vector<std::string>& environment) {
    constexpr std::string_view kName = "PATH=";
    for (std::string_view entry : environment) {
        if (entry.starts_with(kName)) return entry.substr(kName.size());
    }
    return "/usr/local/bin:/usr/bin:/bin";
}

// As the child will see it, which is in options.directory by then.
std::string seen_from(const std::string& directory, const std::string& path) {
    if (path.starts_with('/') || directory.empty()) return path;
    return directory + "/" + path;
}

// 0, or why this file can't be run.
int refusal(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return errno;
    if (S_ISDIR(status.st_mode)) return EISDIR;
    if (::access(path.c_str(), X_OK) != 0) return errno;
    return 0;
}

Error cannot_run(const std::string& command, int code) {
    return system_error("cannot run `" + command + "`", code);
}

Result<std::string> find_command(const ProcessOptions& options) {
    const std::string& command = options.command.front();
    if (command.find('/') != std::string::npos) {
        const int code = refusal(seen_from(options.directory, command));
        if (code != 0) return cannot_run(command, code);
        return command;
    }
    int best_reason = ENOENT;  // a file that is there and can't be run says more than one that is not there
    std::string_view rest = path_of(options.environment);
    for (bool more = true; more;) {
        const std::size_t colon = rest.find(':');
        more = colon != std::string_view::npos;
        std::string directory(rest.substr(0, colon));
        rest = more ? rest.substr(colon + 1) : std::string_view();
        std::string candidate = (directory.empty() ? "." : directory) + "/" + command;
        const int code = refusal(seen_from(options.directory, candidate));
        if (code == 0) return candidate;
        if (code != ENOENT && code != ENOTDIR && code != EISDIR) best_reason = code;
    }
    if (best_reason != ENOENT) return cannot_run(command, best_reason);
    return Error{"cannot run `" + command + "`: not found in PATH", ENOENT};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts)
        result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

/// Holds what the child needs, all of it made by the parent: the child may neither allocate nor lock.
struct ChildStart {
    const char* program = nullptr;
    const char* directory = nullptr;  // null: the runner's
    const char* input = nullptr;      // opened as descriptor 0
    int output = 0;                   // becomes descriptor 1
    int errors = 0;                   // becomes descriptor 2
    char* const* arguments = nullptr;
    char* const* environment = nullptr;
    ResourceLimits::OfChild limits;
    int error = 0;  // set by the child when it can't run the program
};

constexpr int kLastSignal = 64;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define RELUX_NOT_INSTRUMENTED __attribute__((no_sanitize("thread", "address", "undefined")))
#else
#define RELUX_NOT_INSTRUMENTED
#endif

/// Runs in the child, in the memory of the parent, which waits. Bare system calls: the library's functions,
/// and what a sanitiser puts in their place, may take notes, and these would be the runner's.
RELUX_NOT_INSTRUMENTED int start_child(void* argument) {
    auto& start = *static_cast<ChildStart*>(argument);
    // The kernel's own structures, all zero: signals at their default, and none blocked.
    static constexpr std::uint64_t kZero[4] = {};
    for (int signal = 1; signal <= kLastSignal; ++signal)
        ::syscall(SYS_rt_sigaction, signal, kZero, nullptr, sizeof(std::uint64_t));
    ::syscall(SYS_setsid);
    // A terminal that a session leader without one opens without O_NOCTTY becomes its controlling terminal.
    ::syscall(SYS_close, 0);
    const int access = start.output == 0 ? O_RDWR : O_RDONLY;
    bool good = ::syscall(SYS_openat, AT_FDCWD, start.input, access, 0) == 0 &&
                ::syscall(SYS_dup3, start.output, 1, 0) == 1 &&
                ::syscall(SYS_dup3, start.errors, 2, 0) == 2 && ::syscall(SYS_close_range, 3, ~0U, 0) == 0;
    good = good && (start.directory == nullptr || ::syscall(SYS_chdir, start.directory) == 0);
    if (good) {
        ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &start.limits.files, nullptr);
        ::syscall(SYS_prlimit64, 0, RLIMIT_LOCKS, &start.limits.locks, nullptr);
        ::syscall(SYS_prctl, PR_SET_TIMERSLACK, start.limits.slack, 0, 0, 0);
        ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, kZero, nullptr, sizeof(std::uint64_t));
        ::syscall(SYS_execve, start.program, start.arguments, start.environment);
    }
    start.error = errno;
    ::syscall(SYS_exit, 127);
    __builtin_unreachable();
}

/// Memory for the child's calls, with a page below that stops an overflow.
class ChildStack {
  public:
    ChildStack()
        : base_(::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1,
                       0)) {
        if (base_ != MAP_FAILED) ::mprotect(base_, kGuard, PROT_NONE);
    }
    ChildStack(const ChildStack&) = delete;
    ChildStack& operator=(const ChildStack&) = delete;
    ~ChildStack() {
        if (base_ != MAP_FAILED) ::munmap(base_, kSize);
    }
    /// Null: there is no memory. It grows downwards.
    void* top() const { return base_ == MAP_FAILED ? nullptr : static_cast<char*>(base_) + kSize; }

  private:
    static constexpr std::size_t kGuard = 4096;
    static constexpr std::size_t kSize = kGuard + 64 * 1024;
    void* base_;
};

pid_t clone_child(const ChildStack& stack, ChildStart& start) {
#ifdef __SANITIZE_THREAD__
    // That sanitiser knows fork() and nothing else; that the program can't be run is then seen by its exit
    // code.
    static_cast<void>(stack);
    const pid_t pid = ::fork();
    if (pid == 0) start_child(&start);
    return pid;
#else
    return ::clone(start_child, stack.top(), CLONE_VM | CLONE_VFORK | SIGCHLD, &start);
#endif
}

Result<pid_t> spawn(const ProcessOptions& options, ChildStart& start) {
    if (options.command.empty() || options.command.front().empty()) {
        return Error{"cannot run a shell: its command is empty", EINVAL};
    }
    struct stat status {};
    if (!options.directory.empty() && ::stat(options.directory.c_str(), &status) != 0) {
        return system_error("cannot run `" + options.command.front() + "` in `" + options.directory + "`",
                            errno);
    }
    auto program = find_command(options);
    if (!program) return program.error();
    const auto arguments = pointers(options.command);
    const auto environment = pointers(options.environment);
    start.program = program->c_str();
    start.directory = options.directory.empty() ? nullptr : options.directory.c_str();
    start.arguments = arguments.data();
    start.environment = environment.data();
    // The child is done with it before clone() returns.
    thread_local const ChildStack stack;
    if (stack.top() == nullptr) return cannot_run(options.command.front(), ENOMEM);
    // No handler of the runner's may run in the child.
    pid_t pid = -1;
    int failed_to_clone = 0;
    {
        const BlockedSignals of_the_child;
        pid = clone_child(stack, start);
        failed_to_clone = errno;
    }
    if (pid < 0) return cannot_run(options.command.front(), failed_to_clone);
    if (start.error == 0) return pid;
    ::waitpid(pid, nullptr, 0);
    return cannot_run(options.command.front(), start.error);
}

}  // namespace

ResourceLimits::ResourceLimits() {
    ::getrlimit(RLIMIT_NOFILE, &original_files_);
    auto raised = original_files_;
    raised.rlim_cur = raised.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &raised);
    ::getrlimit(RLIMIT_LOCKS, &original_locks_);
    families_ = original_locks_.rlim_max == RLIM_INFINITY;
}

ResourceLimits::OfChild ResourceLimits::of_child(rlim_t family, unsigned long slack) const {
    OfChild limits{original_files_, original_locks_, slack};
    if (families_) limits.locks.rlim_cur = family;
    return limits;
}

ProcessMark process_mark(pid_t pid) {
    rlimit locks{};
    if (::prlimit(pid, RLIMIT_LOCKS, nullptr, &locks) != 0) return {};
    if (!is_family(locks.rlim_cur)) return {locks.rlim_cur, 0};
    return {locks.rlim_cur & ~rlim_t{kMostStatements},
            static_cast<std::uint32_t>(locks.rlim_cur & kMostStatements)};
}

void mark_process(pid_t pid, rlim_t family, std::uint32_t statement) {
    const rlimit locks{family | std::min(statement, kMostStatements), RLIM_INFINITY};
    ::prlimit(pid, RLIMIT_LOCKS, &locks, nullptr);
}

unsigned long process_slack(pid_t pid) {
    char path[48];
    std::snprintf(path, sizeof path, "/proc/%d/timerslack_ns", pid);
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    char text[24] = {};
    const ssize_t size = ::read(file, text, sizeof text - 1);
    ::close(file);
    return size > 0 ? std::strtoul(text, nullptr, 10) : 0;
}

Result<pid_t> spawn_on_terminal(const ProcessOptions& options, const ResourceLimits::OfChild& limits,
                                const std::string& terminal) {
    ChildStart start;
    start.input = terminal.c_str();
    start.limits = limits;
    return spawn(options, start);
}

Result<pid_t> spawn_on_pipes(const ProcessOptions& options, const ResourceLimits::OfChild& limits, int output,
                             int errors) {
    ChildStart start;
    start.input = "/dev/null";
    start.output = output;
    start.errors = errors;
    start.limits = limits;
    return spawn(options, start);
}

}  // namespace relux::io

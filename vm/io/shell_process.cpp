// posix_spawn: vfork semantics, 0.1 ms whatever the size of the runner. No code of ours runs between fork and
// exec.
#include "vm/io/shell_process.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

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

// The two attribute objects of posix_spawn, destroyed whatever happens. The calls that fill them fail only
// for want of memory or for an invalid descriptor.
class SpawnAttributes {
  public:
    SpawnAttributes() {
        ::posix_spawnattr_init(&attributes);
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_setflags(
            &attributes,
            static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
    }
    SpawnAttributes(const SpawnAttributes&) = delete;
    SpawnAttributes& operator=(const SpawnAttributes&) = delete;
    ~SpawnAttributes() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }

    // Opened by a session leader without a terminal, and without O_NOCTTY: becomes its controlling terminal.
    // Descriptor 0 is closed first, so the open does not run into the child's limit.
    void use_terminal(const std::string& terminal) {
        ::posix_spawn_file_actions_addopen(&actions, 0, terminal.c_str(), O_RDWR, 0);
        ::posix_spawn_file_actions_adddup2(&actions, 0, 1);
        ::posix_spawn_file_actions_adddup2(&actions, 0, 2);
    }
    void use_pipes(int output, int errors) {
        ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, output, 1);
        ::posix_spawn_file_actions_adddup2(&actions, errors, 2);
    }

    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
};

Result<pid_t> spawn(const ProcessOptions& options, SpawnAttributes& spawning) {
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
    ::posix_spawn_file_actions_addclosefrom_np(&spawning.actions, 3);
    if (!options.directory.empty())
        ::posix_spawn_file_actions_addchdir_np(&spawning.actions, options.directory.c_str());
    pid_t pid = -1;
    const int code = ::posix_spawn(&pid, program->c_str(), &spawning.actions, &spawning.attributes,
                                   pointers(options.command).data(), pointers(options.environment).data());
    if (code != 0) return cannot_run(options.command.front(), code);
    return pid;
}

}  // namespace

ResourceLimits::ResourceLimits() {
    ::getrlimit(RLIMIT_NOFILE, &original_files_);
    raised_files_ = original_files_;
    raised_files_.rlim_cur = raised_files_.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised_files_) != 0) raised_files_ = original_files_;
    ::getrlimit(RLIMIT_LOCKS, &original_locks_);
    families_ = original_locks_.rlim_max == RLIM_INFINITY;
}

ResourceLimits::ForChild::ForChild(const ResourceLimits& limits, rlim_t family) : limits_(limits) {
    ::setrlimit(RLIMIT_NOFILE, &limits_.original_files_);
    rlimit locks = limits_.original_locks_;
    locks.rlim_cur = family;
    if (limits_.families_) ::setrlimit(RLIMIT_LOCKS, &locks);
}

ResourceLimits::ForChild::~ForChild() {
    ::setrlimit(RLIMIT_NOFILE, &limits_.raised_files_);
    if (limits_.families_) ::setrlimit(RLIMIT_LOCKS, &limits_.original_locks_);
}

rlim_t process_family(pid_t pid) {
    rlimit locks{};
    if (::prlimit(pid, RLIMIT_LOCKS, nullptr, &locks) != 0) return RLIM_INFINITY;
    return locks.rlim_cur;
}

Result<pid_t> spawn_on_terminal(const ProcessOptions& options, const std::string& terminal) {
    SpawnAttributes spawning;
    spawning.use_terminal(terminal);
    return spawn(options, spawning);
}

Result<pid_t> spawn_on_pipes(const ProcessOptions& options, int output, int errors) {
    SpawnAttributes spawning;
    spawning.use_pipes(output, errors);
    return spawn(options, spawning);
}

}  // namespace relux::io

// Lists of processes from /proc. A process may vanish between two reads: whatever can't be read is not there.
#include "vm/io/process_tree.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/base/directory.h"

namespace relux::io {

namespace {

// Numbers are given to processes in order, and start again from below at 32,768 or later: within this time no
// machine gives that many.
constexpr auto kNoWrapWithin = std::chrono::milliseconds(100);
// As much for each number, where there are more.
constexpr auto kFastestStart = std::chrono::microseconds(3);
constexpr nlink_t kLinksOfOneThread = 3;
constexpr const char* kLoad = "/proc/loadavg";
// Beyond that, listing /proc costs less than looking at each.
constexpr pid_t kFewNewOnes = 256;

// From its beginning. False when it can't be read.
bool read_all(int file, std::string& content) {
    char buffer[4096];
    content.clear();
    for (;;) {
        const ssize_t size = ::pread(file, buffer, sizeof buffer, static_cast<off_t>(content.size()));
        if (size > 0) content.append(buffer, static_cast<std::size_t>(size));
        // These files are cut between entries, so one that goes on gives nearly as much as is asked for.
        if (size < static_cast<ssize_t>(sizeof buffer / 2)) return size >= 0;
    }
}

Fd open_to_read(const char* path) {
    return Fd(::open(path, O_RDONLY | O_CLOEXEC));
}

// False when the file can't be opened. What can't be read ends where it is.
bool read_file(const char* path, std::string& content) {
    const Fd file = open_to_read(path);
    if (!file) return false;
    read_all(file.get(), content);
    return true;
}

// With fewer, shells need all of them.
bool has_descriptors_to_spare() {
    constexpr rlim_t kMany = 512;
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= kMany;
}

bool read_process_file(pid_t pid, const char* name, std::string& content) {
    char path[48];
    std::snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return read_file(path, content);
}

pid_t parse_pid(std::string_view text) {
    pid_t pid = 0;
    std::from_chars(text.data(), text.data() + text.size(), pid);
    return pid;
}

// They are separated by spaces.
void append_numbers(std::string_view text, std::vector<pid_t>& result) {
    while (!text.empty()) {
        const pid_t number = parse_pid(text);
        if (number > 0) result.push_back(number);
        const std::size_t space = text.find(' ');
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    }
}

// Calls `visit(pid, inode)` for each number that a directory lists.
template <class Visit>
bool for_each_number(const char* path, Visit visit) {
    const Directory directory(::opendir(path));
    if (!directory) return false;
    while (const dirent* entry = ::readdir(directory.get())) {
        const pid_t pid = parse_pid(entry->d_name);
        if (pid > 0) visit(pid, static_cast<std::uint64_t>(entry->d_ino));
    }
    return true;
}

struct Stat {
    char state = 'X';
    pid_t parent = 0;
    std::uint64_t started = 0;
    ProcessProgram program;
};

// The numbers of proc(5), from "pid" = 1 on.
constexpr int kStartedField = 22;
constexpr int kCodeField = 26;
constexpr int kStackField = 28;

// "pid (name) S ppid …"; the name may hold anything, also a closing parenthesis.
Stat read_stat(pid_t pid) {
    std::string content;
    Stat stat;
    if (!read_process_file(pid, "stat", content)) return stat;
    const std::size_t name_end = content.rfind(')');
    if (name_end == std::string::npos || name_end + 4 >= content.size()) return stat;
    stat.state = content[name_end + 2];
    stat.parent = parse_pid(std::string_view(content).substr(name_end + 4));
    std::size_t at = name_end;
    for (int field = 3; field <= kStackField; ++field) {
        at = content.find(' ', at + 1);
        if (at == std::string::npos) break;
        std::uint64_t number = 0;
        std::from_chars(content.data() + at + 1, content.data() + content.size(), number);
        if (field == kStartedField) stat.started = number;
        if (field == kCodeField) stat.program.code = number;
        if (field == kStackField) stat.program.stack = number;
    }
    return stat;
}

std::string value_in_environment(pid_t pid, std::string_view name_and_equals) {
    std::string content;
    if (!read_process_file(pid, "environ", content)) return {};
    std::string_view rest = content;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\0'), rest.size());
        const std::string_view entry = rest.substr(0, end);
        if (entry.starts_with(name_and_equals)) return std::string(entry.substr(name_and_equals.size()));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

// Gives the inode of the directory of a process; 0: the process is gone.
std::uint64_t process_inode(pid_t pid) {
    char path[32];
    std::snprintf(path, sizeof path, "/proc/%d", pid);
    struct stat status {};
    return ::stat(path, &status) == 0 ? status.st_ino : 0;
}

// Threads have numbers too, and directories that no listing shows.
bool is_thread_of_another(pid_t pid) {
    constexpr std::string_view kField = "\nTgid:\t";
    std::string content;
    if (!read_process_file(pid, "status", content)) return false;
    const std::size_t at = content.find(kField);
    return at != std::string::npos && parse_pid(std::string_view(content).substr(at + kField.size())) != pid;
}

}  // namespace

ProcessTree::ProcessTree() : own_process_(::getpid()) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    std::snprintf(children_of_main_thread_.path, sizeof children_of_main_thread_.path,
                  "/proc/%d/task/%d/children", own_process_, own_process_);
    std::snprintf(load_.path, sizeof load_.path, "%s", kLoad);
    if (has_descriptors_to_spare()) {
        children_of_main_thread_.file = open_to_read(children_of_main_thread_.path);
        load_.file = open_to_read(load_.path);
    }
    has_children_files_ = children_of_main_thread_.file || ::access(children_of_main_thread_.path, R_OK) == 0;
    // Some containers put a file of their own in its place, which is not always up to date.
    struct statfs system {};
    knows_newest_ = ::statfs(kLoad, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
    newest_at_start_ = newest_process();
}

bool ProcessTree::has_zombies() {
    siginfo_t ended{};
    return ::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0;
}

bool ProcessTree::read_kept(const KeptFile& kept, std::string& content) {
    return kept.file ? read_all(kept.file.get(), content) : read_file(kept.path, content);
}

std::vector<pid_t> ProcessTree::adopted_children() const {
    std::vector<pid_t> result;
    if (!has_children_files_) {
        append_children_by_walk(own_process_, result);
        return result;
    }
    std::string content;
    if (read_kept(children_of_main_thread_, content)) append_numbers(content, result);
    return result;
}

void ProcessTree::append_children(pid_t parent, std::vector<pid_t>& result) const {
    if (!has_children_files_) return append_children_by_walk(parent, result);
    char path[48];
    std::snprintf(path, sizeof path, "/proc/%d/task", parent);
    // Most have one thread, and the number of links of the directory tells.
    struct stat status {};
    if (::stat(path, &status) != 0) return;
    if (status.st_nlink == kLinksOfOneThread) return append_children_of_thread(parent, parent, result);
    for_each_number(path,
                    [&](pid_t thread, std::uint64_t) { append_children_of_thread(parent, thread, result); });
}

void ProcessTree::append_descendants(pid_t root, std::vector<pid_t>& result) const {
    std::size_t next = result.size();
    append_children(root, result);
    for (; next < result.size(); ++next)
        append_children(result[next], result);
}

void ProcessTree::append_children_of_thread(pid_t process, pid_t thread, std::vector<pid_t>& result) const {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%d/task/%d/children", process, thread);
    std::string content;
    if (read_file(path, content)) append_numbers(content, result);
}

void ProcessTree::append_children_by_walk(pid_t parent, std::vector<pid_t>& result) const {
    for_each_number("/proc", [&](pid_t pid, std::uint64_t) {
        if (read_stat(pid).parent == parent) result.push_back(pid);
    });
}

std::vector<pid_t> ProcessTree::with_environment(std::string_view entry,
                                                 const std::function<bool(pid_t)>& is_known) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) return {};
    const std::string_view name = entry.substr(0, equals + 1);
    if (name != examined_name_) {
        examined_name_ = name;
        examined_.clear();
        // A process that was there before the first shell comes from none.
        examined_up_to_ = newest_at_start_;
        examined_at_ = made_at_;
    }
    // Before the look: what is started meanwhile is looked at next time too.
    const auto newest = newest_process();
    const auto now = std::chrono::steady_clock::now();
    // None that is older than the first shell is looked at, as long as numbers have only gone up since then.
    const bool in_order = newest && newest_at_start_ && *newest >= *newest_at_start_;
    const auto oldest = in_order && !may_have_wrapped(now - made_at_) ? newest_at_start_ : std::nullopt;
    // Now and then all the others are: what was just being executed had no environment yet.
    if (now - examined_at_ > kNoWrapWithin) examined_up_to_ = oldest;
    if (!newest || !examine_new_ones(*newest, is_known)) examine_all(oldest.value_or(0));
    examined_up_to_ = newest;
    examined_at_ = now;
    return examined_with(entry.substr(equals + 1));
}

std::vector<pid_t> ProcessTree::examined_with(std::string_view value) {
    std::vector<pid_t> result;
    std::erase_if(examined_, [&](const auto& known) {
        const auto& [pid, examined] = known;
        if (examined.value.empty() || examined.value != value) return false;
        if (process_inode(pid) != examined.inode) return true;
        result.push_back(pid);
        return false;
    });
    return result;
}

bool ProcessTree::may_have_wrapped(std::chrono::steady_clock::duration within) {
    if (within <= kNoWrapWithin) return false;
    if (numbers_ == 0) {
        std::string text;
        numbers_ = read_file("/proc/sys/kernel/pid_max", text) ? std::max(parse_pid(text), 1) : 1;
    }
    return within > kFastestStart * numbers_;
}

// False when they are too many, or numbers have started again from below.
bool ProcessTree::examine_new_ones(pid_t newest, const std::function<bool(pid_t)>& is_known) {
    if (!examined_up_to_ || newest < *examined_up_to_ || newest - *examined_up_to_ > kFewNewOnes)
        return false;
    for (pid_t pid = *examined_up_to_ + 1; pid <= newest; ++pid) {
        if (pid == own_process_ || is_known(pid)) continue;
        auto value = value_in_environment(pid, examined_name_);
        if (value.empty() || is_thread_of_another(pid)) continue;
        examined_.insert_or_assign(pid, Examined{process_inode(pid), std::move(value)});
    }
    return true;
}

void ProcessTree::examine_all(pid_t after) {
    std::unordered_map<pid_t, Examined> seen;
    seen.reserve(examined_.size() + 16);
    for_each_number("/proc", [&](pid_t pid, std::uint64_t inode) {
        if (pid == own_process_ || pid <= after) return;
        auto known = examined_.find(pid);
        const bool is_known = known != examined_.end() && known->second.inode == inode;
        seen.emplace(pid, is_known ? std::move(known->second)
                                   : Examined{inode, value_in_environment(pid, examined_name_)});
    });
    examined_ = std::move(seen);
}

// "0.00 0.01 0.05 1/123 4567"
std::optional<pid_t> ProcessTree::newest_process() const {
    std::string text;
    if (!knows_newest_ || !read_kept(load_, text)) return std::nullopt;
    const std::string_view content(text);
    const pid_t pid = parse_pid(content.substr(content.rfind(' ') + 1));
    return pid > 0 ? std::optional(pid) : std::nullopt;
}

std::string command_line(pid_t pid) {
    std::string content;
    read_process_file(pid, "cmdline", content);
    while (!content.empty() && content.back() == '\0')
        content.pop_back();
    std::replace(content.begin(), content.end(), '\0', ' ');
    if (!content.empty()) return content;
    if (!read_process_file(pid, "comm", content) || content.empty()) return {};
    content.pop_back();
    return "[" + content + "]";
}

Duration process_age(pid_t pid) {
    const auto ticks = static_cast<std::int64_t>(read_stat(pid).started);
    if (ticks == 0) return Duration(0);
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    const Duration tick = std::chrono::nanoseconds(std::chrono::seconds(1)) / ::sysconf(_SC_CLK_TCK);
    const Duration since_boot = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
    return std::max(since_boot - tick * (ticks + 1), Duration(0));
}

ProcessBirth process_birth(pid_t pid) {
    const Stat stat = read_stat(pid);
    return {stat.parent, stat.started};
}

ProcessProgram process_program(pid_t pid) {
    return read_stat(pid).program;
}

char process_state(pid_t pid) {
    return read_stat(pid).state;
}

bool process_runs(pid_t pid) {
    const char state = read_stat(pid).state;
    return state != 'X' && state != 'Z';
}

}  // namespace relux::io

#include "vm/run/machine_load.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "vm/base/files.h"
#include "vm/base/processors.h"

namespace relux::run {

namespace {

constexpr std::string_view kGroups = "/sys/fs/cgroup";
constexpr std::string_view kSpaces = " \t";

/// The first number of the text after spaces, which it is advanced beyond.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/// Gives what follows `key` at the beginning of a line, to the end of the text.
std::optional<std::string_view> value_of(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        if (text.starts_with(key)) return text.substr(key.size());
        const auto end = text.find('\n');
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return std::nullopt;
}

std::optional<std::uint64_t> read_number(const std::string& file) {
    const auto text = read_file(file);
    if (!text) return std::nullopt;
    std::string_view rest = *text;
    return take_number(rest);  // `max`: none
}

/// The directories of this process's control group and of those above it, innermost first: each may have
/// limits of its own.
std::vector<std::string> control_groups() {
    std::vector<std::string> groups;
    const auto cgroup = read_file("/proc/self/cgroup");
    if (!cgroup) return groups;
    auto group = std::string(kGroups) + std::string(parse_control_group(*cgroup));
    for (; group.size() >= kGroups.size(); group.resize(group.rfind('/')))
        groups.push_back(group);
    return groups;
}

std::optional<std::uint64_t> free_in_groups() {
    std::optional<std::uint64_t> least;
    for (const auto& group : control_groups()) {
        const auto most = read_number(group + "/memory.max");
        const auto held = read_number(group + "/memory.current");
        if (!most || !held) continue;
        const auto stat = read_file(group + "/memory.stat");
        const auto cached = stat ? parse_cached_memory(*stat) : 0;
        const auto used = *held > cached ? *held - cached : 0;
        least = std::min(least.value_or(*most), *most > used ? *most - used : 0);
    }
    return least;
}

}  // namespace

std::optional<ProcessorTicks> parse_processor_ticks(std::string_view stat) {
    auto rest = value_of(stat, "cpu ");
    if (!rest) return std::nullopt;
    ProcessorTicks ticks;
    // user nice system idle iowait irq softirq steal; guests are part of user.
    for (int place = 0; place < 8; ++place) {
        const auto number = take_number(*rest);
        if (!number) return place > 3 ? std::optional(ticks) : std::nullopt;
        ticks.total += *number;
        if (place == 3 || place == 4) ticks.idle += *number;
    }
    return ticks;
}

std::optional<std::uint64_t> parse_available_memory(std::string_view meminfo) {
    auto rest = value_of(meminfo, "MemAvailable:");
    const auto kibibytes = rest ? take_number(*rest) : std::nullopt;
    return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
}

std::uint64_t parse_cached_memory(std::string_view stat) {
    std::uint64_t cached = 0;
    for (const std::string_view kind : {"active_file ", "inactive_file "}) {
        if (auto rest = value_of(stat, kind)) cached += take_number(*rest).value_or(0);
    }
    return cached;
}

std::string_view parse_control_group(std::string_view cgroup) {
    const auto group = value_of(cgroup, "0::");
    if (!group) return {};
    const auto line = group->substr(0, group->find('\n'));
    return line == "/" ? std::string_view() : line;
}

std::optional<double> HostLoad::idle() {
    const auto stat = read_file("/proc/stat");
    const auto ticks = stat ? parse_processor_ticks(*stat) : std::nullopt;
    if (!ticks) return std::nullopt;
    const auto total = ticks->total - total_before_;
    // The count of waiting for devices may go back.
    const auto idle = ticks->idle > idle_before_ ? ticks->idle - idle_before_ : 0;
    const bool first = total_before_ == 0;
    total_before_ = ticks->total;
    idle_before_ = ticks->idle;
    if (first || total == 0) return std::nullopt;
    return std::min(1.0, static_cast<double>(idle) / static_cast<double>(total));
}

std::optional<std::uint64_t> HostLoad::free_memory() {
    const auto meminfo = read_file("/proc/meminfo");
    const auto available = meminfo ? parse_available_memory(*meminfo) : std::nullopt;
    const auto in_group = free_in_groups();
    if (!available || !in_group) return available ? available : in_group;
    return std::min(*available, *in_group);
}

// "0.20 0.18 0.12 1/80 11206": behind three averages those that are ready, of all.
std::optional<std::uint64_t> parse_ready_processes(std::string_view loadavg) {
    for (int average = 0; average < 3; ++average) {
        const auto space = loadavg.find(' ');
        if (space == std::string_view::npos) return std::nullopt;
        loadavg.remove_prefix(space + 1);
    }
    const auto ready = take_number(loadavg);
    if (!ready || !loadavg.starts_with('/')) return std::nullopt;
    return *ready > 0 ? *ready - 1 : 0;
}

std::optional<std::uint64_t> ready_processes() {
    const auto loadavg = read_file("/proc/loadavg");
    return loadavg ? parse_ready_processes(*loadavg) : std::nullopt;
}

int parse_processor_quota(std::string_view cpu_max) {
    const auto quota = take_number(cpu_max);
    const auto period = quota ? take_number(cpu_max) : std::nullopt;
    if (!period || *period == 0 || *quota == 0) return 0;
    const auto processors = *quota / *period + (*quota % *period != 0);
    return static_cast<int>(std::min<std::uint64_t>(processors, std::numeric_limits<int>::max()));
}

int usable_processors() {
    int processors = allowed_processors();
    for (const auto& group : control_groups()) {
        const auto limit = read_file(group + "/cpu.max");
        const int quota = limit ? parse_processor_quota(*limit) : 0;
        if (quota > 0) processors = std::min(processors, quota);
    }
    return processors;
}

std::uint64_t usable_memory() {
    const auto pages = ::sysconf(_SC_PHYS_PAGES);
    auto memory = static_cast<std::uint64_t>(std::max(pages, 0L)) *
                  static_cast<std::uint64_t>(std::max(::sysconf(_SC_PAGESIZE), 0L));
    const auto limit_to = [&memory](std::uint64_t limit) {
        memory = memory == 0 ? limit : std::min(memory, limit);
    };
    for (const auto& group : control_groups()) {
        if (const auto most = read_number(group + "/memory.max")) limit_to(*most);
    }
    rlimit addresses{};
    if (::getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY)
        limit_to(addresses.rlim_cur);
    return memory;
}

std::uint64_t peak_memory() {
    const auto status = read_file("/proc/self/status");
    if (!status) return 0;
    auto rest = value_of(*status, "VmHWM:");
    const auto kibibytes = rest ? take_number(*rest) : std::nullopt;
    return kibibytes.value_or(0) * 1024;
}

}  // namespace relux::run

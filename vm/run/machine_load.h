// Tells what the machine has left: processors and memory. Read from /proc and, in a container, from its
// control group; what the system does not tell is left open.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace relux::run {

class MachineLoad {
  public:
    virtual ~MachineLoad() = default;
    /// Share of the processors' time since the call before in which they had nothing to do, 0 to 1. Nothing
    /// at the first call.
    virtual std::optional<double> idle() = 0;
    /// Bytes that can be had without swapping.
    virtual std::optional<std::uint64_t> free_memory() = 0;
};

/// The machine that this runs on.
class HostLoad final : public MachineLoad {
  public:
    std::optional<double> idle() override;
    std::optional<std::uint64_t> free_memory() override;

  private:
    std::uint64_t idle_before_ = 0;
    std::uint64_t total_before_ = 0;
};

/// Counts all processors together, in the ticks of /proc/stat.
struct ProcessorTicks {
    std::uint64_t idle = 0;
    std::uint64_t total = 0;
};
std::optional<ProcessorTicks> parse_processor_ticks(std::string_view stat);
/// `MemAvailable` of /proc/meminfo, in bytes.
std::optional<std::uint64_t> parse_available_memory(std::string_view meminfo);
/// Reads from a group's memory.stat the bytes of files, which the system gives up when it needs memory.
std::uint64_t parse_cached_memory(std::string_view stat);
/// The directory of the version 2 group that /proc/self/cgroup names, below its mount; empty: none.
std::string_view parse_control_group(std::string_view cgroup);

/// Reads from /proc/loadavg how many processes run or could, but for the one that asks.
std::optional<std::uint64_t> parse_ready_processes(std::string_view loadavg);
std::optional<std::uint64_t> ready_processes();

/// Reads from a group's cpu.max how many processors it may keep busy, rounded up; 0: no limit, or unknown.
int parse_processor_quota(std::string_view cpu_max);
/// Processors that this process may use: those that the system has given it, or fewer by the quotas of its
/// control groups. At least 1.
int usable_processors();

/// Bytes of memory that this process may use at most: the machine's, or fewer by its control groups or its
/// own limit. 0: unknown.
std::uint64_t usable_memory();

/// The most that this process has had resident, in bytes; 0: unknown. getrusage() would count what was there
/// before its exec.
std::uint64_t peak_memory();

}  // namespace relux::run

#include "vm/run/run_resources.h"

#include "vm/run/machine_load.h"

namespace relux::run {

namespace {
/// Unread output and events may take so much without a look at how much memory there is.
constexpr std::size_t kSureMemory = std::size_t{64} << 20;
}  // namespace

SharedResources::SharedResources(const RunSettings& settings)
    : ports(settings.port_range_start, settings.port_range_end),
      memory(settings.memory_limit != 0 ? settings.memory_limit : kSureMemory,
             [limit = settings.memory_limit] {
                 return limit != 0 ? limit : static_cast<std::size_t>(usable_memory() / 4);
             }) {}

void OpenShells::add() {
    const auto open = count_.fetch_add(1, std::memory_order_relaxed) + 1;
    auto most = most_.load(std::memory_order_relaxed);
    while (open > most && !most_.compare_exchange_weak(most, open, std::memory_order_relaxed)) {
    }
}

void RunResources::retire(std::unique_ptr<io::ShellIo> shell) {
    if (retired.empty()) loop.post([this] { retired.clear(); });
    retired.push_back(std::move(shell));
}

}  // namespace relux::run

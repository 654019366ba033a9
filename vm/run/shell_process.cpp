#include "vm/run/shell_process.h"

#include <utility>

namespace relux::run {

void ShellProcess::opened(std::unique_ptr<io::ShellIo> io) {
    io_ = std::move(io);
    ++test_.resources().statistics.shells;
    test_.resources().shared.shells.add();
}

void ShellProcess::close() {
    if (!io_) return;
    test_.resources().retire(std::move(io_));
    test_.resources().shared.shells.remove();
    test_.resources().shared.pool.closed(&test_);
}

}  // namespace relux::run

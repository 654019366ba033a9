#include "vm/run/early_shell.h"

#include <utility>

namespace relux::run {

namespace {

/// A shell prints a greeting and its prompt. One that prints without end is not kept for later.
constexpr std::size_t kLongestGreeting = 1 << 20;

}  // namespace

std::unique_ptr<EarlyShell> EarlyShell::open(io::Loop& loop, io::ShellOptions options) {
    std::unique_ptr<EarlyShell> shell(new EarlyShell(std::move(options)));
    auto starting = shell->options_;
    starting.early = true;
    auto opened = loop.open_shell(starting, *shell);
    if (!opened) return nullptr;
    shell->io_ = std::move(*opened);
    return shell;
}

bool EarlyShell::fits(const io::ShellOptions& options) const {
    return io_ != nullptr && usable_ && options == options_;
}

std::unique_ptr<io::ShellIo> EarlyShell::take(io::ShellListener& listener, std::string& output) {
    io_->adopt(listener);
    output = std::move(output_);
    return std::move(io_);
}

io::Task<std::unique_ptr<io::ShellIo>> EarlyShell::end() {
    usable_ = false;
    io_->end(Duration(0));
    while (!io_->ended())
        co_await ended_.wait();
    co_return std::move(io_);
}

void EarlyShell::on_output(std::string_view bytes) {
    if (!usable_) return;
    output_ += bytes;
    usable_ = output_.size() <= kLongestGreeting;
}

}  // namespace relux::run

#include "vm/run/attempt_shells.h"

#include <algorithm>

namespace relux::run {

namespace {
constexpr std::string_view kOwnerVariable = "__RELUX_SHELL_ID=";
}  // namespace

AttemptShells::AttemptShells(RunResources& resources, const void* holder, std::filesystem::path log_directory,
                             int attempt)
    : resources_(resources),
      holder_(holder),
      log_directory_(std::move(log_directory)),
      owner_directory_(attempt == 0 ? log_directory_
                                    : log_directory_ / ("try-" + std::to_string(attempt + 1))) {}

std::string AttemptShells::owner_mark(std::string_view name) const {
    return std::string(kOwnerVariable) + (owner_directory_ / name).string();
}

std::string AttemptShells::unique_name(std::string name) {
    std::string candidate = name;
    for (int number = 2; std::find(names_.begin(), names_.end(), candidate) != names_.end(); ++number)
        candidate = name + "-" + std::to_string(number);
    names_.push_back(candidate);
    return candidate;
}

io::ShellOptions AttemptShells::options(const std::string& log_name,
                                        std::vector<std::string> environment) const {
    const auto& settings = resources_.settings;
    io::ShellOptions options;
    options.command = settings.shell.command;
    options.environment = std::move(environment);
    options.columns = settings.shell.columns;
    options.rows = settings.shell.rows;
    options.directory = settings.suite_root.string();
    // Each shell has a mark of its own: ending one must not end a daemon that belongs to another.
    const auto& run = settings.run_directory.native();
    options.owner_mark = owner_mark(log_name);
    if (log_directory_.native().starts_with(run + "/"))
        options.run_mark_size = kOwnerVariable.size() + run.size() + 1;
    options.environment.push_back(options.owner_mark);
    return options;
}

void AttemptShells::start_early(io::ShellOptions options) {
    auto shell = EarlyShell::open(resources_.loop, std::move(options));
    if (!shell) return;
    resources_.shared.pool.opened(holder_);
    early_.push_back(std::move(shell));
}

std::unique_ptr<io::ShellIo> AttemptShells::take_early(const io::ShellOptions& options,
                                                       io::ShellListener& listener, std::string& output) {
    for (const auto& shell : early_) {
        if (shell->fits(options)) return shell->take(listener, output);
    }
    return nullptr;
}

io::Task<void> AttemptShells::end_early() {
    for (const auto& shell : early_) {
        if (shell->taken()) continue;
        auto ended = co_await shell->end();
        resources_.retire(std::move(ended));
        resources_.shared.pool.closed(holder_);
    }
}

}  // namespace relux::run

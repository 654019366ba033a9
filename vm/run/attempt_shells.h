// Says how the shells of one attempt are started, and keeps those that are started before they are needed.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vm/io/loop.h"
#include "vm/io/task.h"
#include "vm/run/early_shell.h"
#include "vm/run/run_resources.h"

namespace relux::run {

class AttemptShells {
  public:
    /// `holder` is who the shells belong to in the pool; `attempt`, from 0, keeps the processes of tries
    /// apart.
    AttemptShells(RunResources& resources, const void* holder, std::filesystem::path log_directory,
                  int attempt);

    const std::filesystem::path& log_directory() const { return log_directory_; }
    /// `__RELUX_SHELL_ID=…`, in the environment of all that `name` starts, by which it is found again.
    std::string owner_mark(std::string_view name) const;
    /// A name for log files that no other shell of this attempt has.
    std::string unique_name(std::string name);
    /// How a shell of this attempt is started; `environment` is complete.
    io::ShellOptions options(const std::string& log_name, std::vector<std::string> environment) const;

    /// Starts a shell that this attempt will probably need, and for which there is a reservation.
    void start_early(io::ShellOptions options);
    /// One that was started early with these options, with what it has printed; null: there is none.
    std::unique_ptr<io::ShellIo> take_early(const io::ShellOptions& options, io::ShellListener& listener,
                                            std::string& output);
    /// Ends those that nobody has taken.
    io::Task<void> end_early();

  private:
    RunResources& resources_;
    const void* const holder_;
    const std::filesystem::path log_directory_;
    /// Names all that belongs to this attempt; need not be there.
    const std::filesystem::path owner_directory_;
    std::vector<std::string> names_;
    std::vector<std::unique_ptr<EarlyShell>> early_;
};

}  // namespace relux::run

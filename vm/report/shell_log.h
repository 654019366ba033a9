// The four log files of one shell (cli 3): `.raw` holds the exact bytes, `.log` the same with a time stamp
// per line
// (`[+0.008s] ...`). Buffered; one write per block, by whoever may wait for a disk.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "vm/base/duration.h"
#include "vm/base/result.h"
#include "vm/report/secrets.h"

namespace relux::report {

/// Has `work` done somewhere else and then calls `done` on the thread that asked for it. Neither throws.
using WorkBeside = std::function<void(std::function<void()> work, std::function<void()> done)>;

class ShellLog {
  public:
    /// Creates `<name>.stdin.raw`, `.stdin.log`, `.stdout.raw`, `.stdout.log` in `directory`, which exists.
    /// `secrets` are masked in all of them; it must outlive the log. Blocks are written by `beside`, in
    /// order, also when the log has gone; empty: at once. When some megabytes wait for the disk, whoever
    /// brings more waits too.
    static Result<std::unique_ptr<ShellLog>> open(const std::filesystem::path& directory,
                                                  std::string_view name, const Secrets* secrets = nullptr,
                                                  WorkBeside beside = {});
    virtual ~ShellLog() = default;
    /// `time` is since the start of the test.
    virtual void sent(std::string_view bytes, Duration time) = 0;
    virtual void received(std::string_view bytes, Duration time) = 0;
    /// Writes what is buffered, closes and calls `closed`, maybe at once. The first write that failed is the
    /// error; later ones to its file were skipped.
    virtual void close(std::function<void(Status)> closed) = 0;
};

}  // namespace relux::report

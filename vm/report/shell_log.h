// The four log files of one shell (cli 3): `.raw` holds the exact bytes, `.log` the same with a time stamp
// per line
// (`[+0.008s] ...`). Buffered; one write per block.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "vm/base/duration.h"
#include "vm/base/result.h"
#include "vm/report/secrets.h"

namespace relux::report {

class ShellLog {
  public:
    /// Creates `<name>.stdin.raw`, `.stdin.log`, `.stdout.raw`, `.stdout.log` in `directory`, which exists.
    /// `secrets` are masked in all of them; it must outlive the log.
    static Result<std::unique_ptr<ShellLog>> open(const std::filesystem::path& directory,
                                                  std::string_view name, const Secrets* secrets = nullptr);
    virtual ~ShellLog() = default;
    /// `time` is since the start of the test.
    virtual void sent(std::string_view bytes, Duration time) = 0;
    virtual void received(std::string_view bytes, Duration time) = 0;
    /// Writes what is buffered and closes. The first write that failed is the error; later ones were skipped.
    virtual Status close() = 0;
};

}  // namespace relux::report

// After a time-out has failed the test, and before its shell is ended: asks a shell that waits behind its
// prompt for the status of the last command. Decides nothing, only explains; what it types and what it gets
// is no part of the test's output.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vm/run/shell_parts.h"
#include "vm/run/shell_reader.h"
#include "vm/run/shell_wait.h"

namespace relux::run {

class StatusQuestion final : public Awaited {
  public:
    /// Asked and answered within so long, a tolerance, or never.
    static constexpr Duration kPatience = std::chrono::milliseconds(10);

    /// `shell` outlives this.
    explicit StatusQuestion(ShellParts& shell) : shell_(shell) {}

    /// Whether there is something to be asked, and a shell that understands it: sh, dash, bash, zsh, busybox.
    static bool may_be_asked(const ShellParts& shell, const ShellReader& reader);
    void ask();
    /// Output of the shell, while it is asked.
    void answered(std::string_view bytes) { answer_ += bytes; }
    std::optional<io::Time> look() override;
    /// The status; nothing: the shell has not answered in time.
    const std::optional<std::string>& status() const { return status_; }

  private:
    void find_status();

    ShellParts& shell_;
    io::Time until_{0};
    std::string answer_;
    std::optional<std::string> status_;
};

}  // namespace relux::run

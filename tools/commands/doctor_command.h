// `relux doctor`: whether tests can run here, and what to do if not.
#pragma once

#include <filesystem>
#include <optional>

#include "tools/cli/command.h"

namespace relux::cli {

class DoctorCommand final : public Command {
  public:
    std::string_view name() const override { return "doctor"; }
    std::string_view description() const override { return "Check whether tests can run here"; }
    std::string_view example() const override { return "  relux doctor"; }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    std::optional<std::filesystem::path> manifest_;
};

}  // namespace relux::cli

// `reluxvm verify`: whether an archive may be trusted to run.
#pragma once

#include <filesystem>

#include "tools/cli/command.h"

namespace relux::cli {

class VerifyCommand final : public Command {
  public:
    std::string_view name() const override { return "verify"; }
    std::string_view description() const override { return "Check an archive without running it"; }
    std::string_view example() const override { return "  reluxvm verify suite.rxb"; }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    std::filesystem::path file_;
};

}  // namespace relux::cli

// `relux check` and `reluxc check`: front end and compiler without running.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/command.h"

namespace relux::cli {

class CheckCommand final : public Command {
  public:
    explicit CheckCommand(std::string_view program);
    std::string_view name() const override { return "check"; }
    std::string_view description() const override { return "Find mistakes without running anything"; }
    std::string_view example() const override { return example_; }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    std::vector<std::filesystem::path> paths_;
    std::optional<std::filesystem::path> manifest_;
    bool strict_ = false;
    std::string format_ = "human";
    std::string example_;
};

}  // namespace relux::cli

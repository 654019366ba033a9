// `relux init` and `relux new` (cli 5).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/cli/command.h"

namespace relux::cli {

class InitCommand final : public Command {
  public:
    std::string_view name() const override { return "init"; }
    std::string_view description() const override { return "Make a project in the current directory"; }
    std::string_view example() const override;
    void declare(CommandLine& line) override;
    int execute() override;
};

class NewCommand final : public Command {
  public:
    std::string_view name() const override { return "new"; }
    std::string_view description() const override { return "Make a module, or a project"; }
    std::string_view example() const override;
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    std::optional<std::string> test_;
    std::optional<std::string> effect_;
    std::optional<std::string> library_;
    std::optional<std::filesystem::path> manifest_;
};

}  // namespace relux::cli

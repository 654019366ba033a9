// `relux run` and `reluxvm run`: one command, from sources or from an archive.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/cli/command.h"
#include "tools/running/run_options.h"

namespace relux::cli {

class RunCommand final : public Command {
  public:
    /// `program` is the name shown in the examples.
    explicit RunCommand(std::string_view program);
    std::string_view name() const override { return "run"; }
    std::string_view description() const override { return "Run tests"; }
    std::string_view example() const override { return example_; }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    RunOptions options_;
    std::vector<std::filesystem::path> files_;  ///< of --file
    std::string shuffle_;                       ///< `true` without a seed
    std::string strategy_ = "all";
    std::string progress_ = "auto";
    std::string example_;
};

}  // namespace relux::cli

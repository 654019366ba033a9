// `relux merge-reports`: one run out of shards.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "tools/cli/command.h"

namespace relux::cli {

class MergeCommand final : public Command {
  public:
    std::string_view name() const override { return "merge-reports"; }
    std::string_view description() const override { return "Make one run out of the runs of shards"; }
    std::string_view example() const override;
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    std::vector<std::filesystem::path> directories_;
    std::optional<std::filesystem::path> output_;
    std::optional<std::filesystem::path> manifest_;
};

}  // namespace relux::cli

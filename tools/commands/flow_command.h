// `relux flow run` and `relux flow validate`: YAML workflows without a project (workflows 1).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/command.h"
#include "tools/running/flow_run.h"

namespace relux::cli {

class FlowCommand final : public Command {
  public:
    std::string_view name() const override { return "flow"; }
    std::string_view description() const override { return "Run YAML workflows, without a project"; }
    std::string_view example() const override {
        return "  relux flow run tests/*.yaml -c 4 --fail-fast\n  relux flow validate 'tests/**/*.yaml'";
    }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    std::string action_;
    std::vector<std::string> files_;
    std::optional<int> concurrency_;
    std::optional<int> jobs_;
    std::optional<int> deepest_call_;
    bool fail_fast_ = false;
    bool debug_ = false;
    std::string progress_ = "auto";
    FlowRunOptions options_;
    std::optional<std::filesystem::path> config_;
    std::optional<std::string> profile_;
};

}  // namespace relux::cli

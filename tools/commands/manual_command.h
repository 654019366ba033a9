// The hidden `manual` of each program: manual pages from the same declarations as the parser's and the
// help's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/command.h"

namespace relux::cli {

class ManualCommand final : public Command {
  public:
    /// `commands` are those that people type; they outlive this.
    ManualCommand(const ProgramInfo& info, std::vector<Command*> commands);
    std::string_view name() const override { return "manual"; }
    std::string_view description() const override { return "Write the manual pages"; }
    std::string_view example() const override {
        return "  relux manual --output docs/man  # or reluxc, reluxvm";
    }
    bool hidden() const override { return true; }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    ProgramInfo info_;
    std::vector<Command*> commands_;
    std::filesystem::path output_;
};

}  // namespace relux::cli

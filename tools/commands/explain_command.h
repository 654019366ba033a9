// `reluxc explain` and `relux explain`: what a diagnostic or an opcode means.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/command.h"

namespace relux::cli {

class ExplainCommand final : public Command {
  public:
    explicit ExplainCommand(std::string_view program);
    std::string_view name() const override { return "explain"; }
    std::string_view description() const override { return "Explain a diagnostic or an opcode"; }
    std::string_view example() const override { return example_; }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    int explain_opcodes(bool markdown) const;
    int explain_diagnostics(bool markdown) const;

    std::vector<std::string> words_;
    bool all_ = false;
    std::string format_ = "text";
    std::string example_;
};

}  // namespace relux::cli

// `relux completions`, which installs the scripts, and the hidden `relux complete` that they call (cli 7).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/command.h"

namespace relux::cli {

class CompletionsCommand final : public Command {
  public:
    std::string_view name() const override { return "completions"; }
    std::string_view description() const override { return "Completion for bash, zsh and fish"; }
    std::string_view example() const override;
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    std::string shell_;
    bool install_ = false;
    std::optional<std::filesystem::path> path_;
};

/// Answers scripts that ask by the environment, as clap's do: `COMPLETE=bash relux -- relux run --st`, with
/// the number of the word at the cursor in `_CLAP_COMPLETE_INDEX`. Without words the script itself is
/// printed. The exit status; nothing when nobody asks.
std::optional<int> answer_completion(const std::vector<Command*>& commands, int argument_count,
                                     char** arguments);

class CompleteCommand final : public Command {
  public:
    /// `commands` are those that people type; they outlive this.
    CompleteCommand(const ProgramInfo& info, std::vector<Command*> commands);
    std::string_view name() const override { return "complete"; }
    std::string_view description() const override { return "What could stand at the cursor"; }
    std::string_view example() const override { return "  relux complete -- run --str"; }
    bool hidden() const override { return true; }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    ProgramInfo info_;
    std::vector<Command*> commands_;
    std::vector<std::string> words_;
};

}  // namespace relux::cli

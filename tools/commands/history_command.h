// `relux history`: what earlier runs tell about the tests (cli 6).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/command.h"
#include "tools/history/history_runs.h"
#include "tools/history/history_table.h"

namespace relux::cli {

class HistoryCommand final : public Command {
  public:
    std::string_view name() const override { return "history"; }
    std::string_view description() const override { return "What earlier runs tell about the tests"; }
    std::string_view example() const override;
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    HistoryTable find(const std::vector<PastRun>& runs, const std::filesystem::path& root) const;
    HistoryTable find_margins_of(const std::vector<PastRun>& runs, const std::filesystem::path& root) const;
    bool wanted(const std::filesystem::path& root, const std::string& file) const;

    bool flaky_ = false;
    bool failures_ = false;
    bool first_fail_ = false;
    bool durations_ = false;
    bool margins_ = false;
    std::vector<std::string> tests_;
    std::optional<std::size_t> last_;
    std::optional<std::size_t> top_;
    std::string format_ = "human";
    std::optional<std::filesystem::path> manifest_;
};

}  // namespace relux::cli

// `relux cache info` and `relux cache clean`.
#pragma once

#include <string>

#include "tools/cli/command.h"
#include "tools/project/cache_options.h"

namespace relux::cli {

class CacheCommand final : public Command {
  public:
    std::string_view name() const override { return "cache"; }
    std::string_view description() const override {
        return "The compiled modules that are kept between runs";
    }
    std::string_view example() const override { return "  relux cache info\n  relux cache clean"; }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    std::string action_;
    std::optional<std::filesystem::path> directory_;
};

}  // namespace relux::cli

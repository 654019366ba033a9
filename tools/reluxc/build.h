// `reluxc build`: a suite into one bytecode archive.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "tools/cli/command.h"
#include "tools/project/cache_options.h"

namespace relux::cli {

class BuildCommand final : public Command {
  public:
    std::string_view name() const override { return "build"; }
    std::string_view description() const override { return "Compile a suite into one archive"; }
    std::string_view example() const override {
        return "  reluxc build -o suite.rxb\n"
               "  reluxc build path/to/project -o suite.rxb    # a directory with a Relux.toml: that "
               "project\n"
               "  reluxc build --why                           # what was compiled, and what was cached\n"
               "  reluxc build --remarks                       # what the compiler has folded";
    }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    std::vector<std::filesystem::path> paths_;
    std::optional<std::filesystem::path> manifest_;
    std::optional<std::filesystem::path> output_;
    CacheOptions cache_;
    bool strip_ = false;
    bool why_ = false;
    bool remarks_ = false;
};

}  // namespace relux::cli

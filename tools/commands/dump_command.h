// `reluxc dump` and `relux dump`: the stages of one file as text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "tools/cli/command.h"
#include "tools/project/project.h"

namespace relux::cli {

class DumpCommand final : public Command {
  public:
    explicit DumpCommand(std::string_view program);
    std::string_view name() const override { return "dump"; }
    std::string_view description() const override { return "Show what the compiler makes of a file"; }
    std::string_view example() const override { return example_; }
    void declare(CommandLine& line) override;
    int execute() override;

  private:
    /// A file may be dumped outside of any project; then its directory is the root.
    Result<Project> project() const;
    int dump_syntax(const Project& project);
    int dump_ir(const Project& project);
    int dump_bytecode(const Project& project);
    int dump_workflow(const Project& project);
    /// A file that the compiler has written, in whatever state.
    enum class CompiledKind : std::uint8_t { Module, Archive, CacheFile };
    static std::optional<CompiledKind> compiled_kind(const std::filesystem::path& file);
    int dump_compiled(CompiledKind kind);

    std::filesystem::path file_;
    std::optional<std::filesystem::path> manifest_;
    std::optional<std::string> language_;
    bool tokens_ = false;
    bool ast_ = false;
    bool ir_ = false;
    bool bytecode_ = false;
    bool sections_ = false;
    std::string example_;
};

}  // namespace relux::cli

// From file names to checked workflows: reads the files, whatever they call or include, and the config file.
// Nothing is run, and nothing is asked of the world but read_file.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/workflow/syntax.h"
#include "frontend/workflow/yaml.h"
#include "vm/base/result.h"

namespace relux::workflow {

/// The names of config files, in the order in which they are looked for. No workflow is read from a file of
/// such a name, wherever it lies.
inline constexpr std::array<std::string_view, 4> config_file_names{"replay.yaml", "replay.yml",
                                                                   ".replay.yaml", ".replay.yml"};
bool is_config_file_name(const std::filesystem::path& file);

/// The most files that may be called or included by one set.
inline constexpr std::size_t most_library_files = 10'000;

struct LoadOptions {
    /// Must be set. An error with code ENOENT means that there is no such file.
    std::function<Result<std::string>(const std::filesystem::path&)> read_file;
    /// Names of files are relative to it; a config file is looked for in it.
    std::filesystem::path working_directory = ".";
    std::optional<std::filesystem::path> config;  ///< `--config`: must exist
    std::optional<std::string> profile;           ///< `--profile`: must be in the config file
    std::size_t deepest_call = 100;               ///< `--max-call-depth`: of calls and includes
    bool http_debug = false;                      ///< `--debug`, whatever the files say
    YamlLimits limits{};
};

/// Reads all of `files` and reports all that is wrong with any of them. Names are taken as they are: patterns
/// have been expanded (file_names.h). A file that is named twice is there twice.
WorkflowSet load_workflows(const std::vector<std::string>& files, const LoadOptions& options);

}  // namespace relux::workflow

// A project: the directory of a Relux.toml, what the file says, and how files below it are named in reports.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/project/manifest.h"
#include "vm/base/result.h"

namespace relux::cli {

inline constexpr std::string_view kManifestName = "Relux.toml";

struct Project {
    std::filesystem::path root;  ///< absolute
    std::string manifest_text;
    Manifest manifest;
};

/// The nearest Relux.toml in `directory` or above.
std::optional<std::filesystem::path> find_manifest(std::filesystem::path directory);

/// The project of a manifest: the one named, else the nearest upward from the current directory. None is an
/// error.
Result<Project> open_project(const std::optional<std::filesystem::path>& manifest);

/// Says what the paths of a command line mean: files, and whose.
struct Selection {
    Project project;
    // Absolute; in the order of the paths, each file once.
    std::vector<std::string> files;      ///< modules
    std::vector<std::string> workflows;  ///< YAML
    std::vector<std::string> in_order;   ///< both; empty when there are no workflows
};

/// Finds the project and the test files (cli 2). Without paths, `relux/tests`. A YAML file in a directory
/// counts when it has steps; one that is named always. When the only path is a directory with a Relux.toml
/// and no manifest is named, that is the project and its own `relux/tests` is meant, unless it is the project
/// of the current directory anyway. A path that does not exist may be what the results of a run call a test
/// or its file, from `relux/tests` or the project's directory; else it is an error.
Result<Selection> select_files(const std::optional<std::filesystem::path>& manifest,
                               const std::vector<std::filesystem::path>& paths);

/// Every `*.relux` below `directory` in the order of their bytes. Hidden directories, other projects and the
/// output of runs are left out.
Result<std::vector<std::string>> find_modules(const std::filesystem::path& root,
                                              const std::filesystem::path& directory);

enum class FileKinds : std::uint8_t { Modules, ModulesAndWorkflows };
/// The same, with `*.yaml` and `*.yml` if they are wanted.
Result<std::vector<std::string>> find_files(const std::filesystem::path& root,
                                            const std::filesystem::path& directory, FileKinds kinds);
/// By the end of its name; the config file of workflows is none.
bool is_workflow_file(std::string_view name);

/// Absolute, without `.` and `..`.
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// The same, but the real path where `..` behind a link leads elsewhere than the text says.
std::filesystem::path located_path(const std::filesystem::path& given);

/// Where a path that a user gave is in the project: absolute, and spelled by way of `root` even if links lead
/// there. A path outside has no name in the project: the error says which it is and the way out. What does
/// not exist is no error.
Result<std::filesystem::path> path_in_project(const std::filesystem::path& root,
                                              const std::filesystem::path& given);

/// How the compiler names the module of a file: its path from the root, with `/`.
std::string module_name(const std::filesystem::path& root, const std::string& file);
/// TestResult::path of a module: below `relux/tests`, else its name.
/// A part of what is given.
std::string_view test_path(std::string_view module_name);
/// Where the logs of a module's tests go, below the run directory: `logs/relux/tests/tasks/smoke`.
std::string log_directory(std::string_view module_name);

}  // namespace relux::cli

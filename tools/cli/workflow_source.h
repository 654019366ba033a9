// From names of YAML files to bytecode: reads, checks, compiles.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compiler/workflow_compile.h"
#include "frontend/workflow/problem.h"

namespace relux::cli {

struct WorkflowOptions {
    /// Relative names start here; a config file is looked for in it.
    std::filesystem::path directory;
    std::optional<std::filesystem::path> config;
    std::optional<std::string> profile;
};

struct LoadedWorkflows {
    compiler::CompiledWorkflows compiled;
    std::vector<workflow::Problem> problems;  ///< with any, nothing is compiled
};

/// `files` have been expanded.
LoadedWorkflows load_and_compile_workflows(const std::vector<std::string>& files,
                                           const WorkflowOptions& options);

/// A line for each.
std::string render_problems(const std::vector<workflow::Problem>& problems);

}  // namespace relux::cli

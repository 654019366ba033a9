// From names of YAML files to bytecode: reads, checks, compiles.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/workflow_compile.h"
#include "frontend/workflow/problem.h"
#include "tools/project/project.h"

namespace relux::cli {

struct WorkflowOptions {
    /// Relative names start here; a config file is looked for in it.
    std::filesystem::path directory;
    std::optional<std::filesystem::path> config;
    std::optional<std::string> profile;
    std::size_t deepest_call = 100;  ///< of calls and includes
    bool http_debug = false;         ///< requests and responses are shown, whatever the files say
};

struct LoadedWorkflows {
    compiler::CompiledWorkflows compiled;
    std::vector<workflow::Problem> problems;  ///< with any, nothing is compiled
};

/// `files` have been expanded.
LoadedWorkflows load_and_compile_workflows(const std::vector<std::string>& files,
                                           const WorkflowOptions& options);

/// The workflows of a project. What is wrong with a file makes it invalid, not the others.
struct ProjectWorkflows {
    std::vector<bytecode::Module> modules;  ///< sorted by name
    std::vector<std::string> test_modules;  ///< of the files that are valid, in the order given
    std::vector<compiler::InvalidTest> invalid;
    std::string problems;  ///< a line for each
    std::size_t problem_count = 0;
};

/// `files` are absolute, and shown as they are called below the project's root, where a config file is looked
/// for.
ProjectWorkflows compile_project_workflows(const Project& project, const std::vector<std::string>& files);

/// A line for each.
std::string render_problems(const std::vector<workflow::Problem>& problems);

}  // namespace relux::cli

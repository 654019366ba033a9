// Checked workflows to bytecode: one module for each file, with the documents that run as its tests and what
// others call or include of it. The set must have no problems.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/workflow/syntax.h"
#include "vm/bytecode/module.h"

namespace relux::compiler {

struct WorkflowCompileOptions {
    /// bytecode::Module::name of a file of the set.
    std::function<std::string(std::string_view file)> module_name;
    /// bytecode::Module::source of it, for messages; empty when it is not known.
    std::function<std::string(std::string_view file)> source;
};

/// A workflow that runs, in queue order.
struct CompiledWorkflow {
    std::string file;       ///< as shown to users
    unsigned document = 1;  ///< among the file's
    std::string name;
    std::string module;      ///< bytecode::Module::name
    std::uint32_t test = 0;  ///< index of Module::tests
};

struct CompiledWorkflows {
    std::vector<bytecode::Module> modules;  ///< verified; sorted by name
    std::vector<CompiledWorkflow> workflows;
    /// A workflow that is larger than a module can be: `tests/all.yaml: more than ...`. Nothing else is there
    /// then.
    std::string error;
};

CompiledWorkflows compile_workflows(const workflow::WorkflowSet& set, const WorkflowCompileOptions& options);

}  // namespace relux::compiler

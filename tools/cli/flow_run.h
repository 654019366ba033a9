// Running workflows without a project: what is printed, and the exit status (workflows 1).
#pragma once

#include "compiler/workflow_compile.h"

namespace relux::cli {

struct FlowRunOptions {
    int concurrency = 1;
    bool fail_fast = false;
};

/// Prints on standard output: the lines of each workflow as one block, in queue order, then a summary.
int run_workflows(compiler::CompiledWorkflows workflows, const FlowRunOptions& options);

}  // namespace relux::cli

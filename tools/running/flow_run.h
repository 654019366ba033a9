// Running workflows without a project: what is printed, and the exit status (workflows 1).
#pragma once

#include "compiler/workflow_compile.h"
#include "tools/running/run_options.h"

namespace relux::cli {

struct FlowRunOptions {
    int concurrency = 1;
    bool fail_fast = false;
    std::size_t deepest_call = 100;
    /// With any, all reports are written, in a run directory below relux/out of the current directory.
    report::WantedReports reports{};
    Progress progress = Progress::Auto;
};

/// Prints on standard output: the lines of each workflow as one block, in queue order, then a summary. What
/// runs is shown on standard error, if that is a terminal, and goes when it has ended.
int run_workflows(compiler::CompiledWorkflows workflows, const FlowRunOptions& options);

}  // namespace relux::cli

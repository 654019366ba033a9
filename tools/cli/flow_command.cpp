#include "tools/cli/flow_command.h"

#include "frontend/workflow/file_names.h"
#include "tools/cli/command_line.h"
#include "tools/cli/flow_run.h"
#include "tools/cli/output.h"
#include "tools/cli/workflow_source.h"

namespace relux::cli {

void FlowCommand::declare(CommandLine& line) {
    line.option("ACTION", &action_,
                "run: all workflows of the files; validate: read and check them, run nothing")
        .choices({"run", "validate"})
        .required();
    line.option("FILE", &files_,
                "YAML files; a name with *, ? or [ that is no file stands for those that fit, ** for any\n"
                "directories")
        .required();
    line.option("-c,--concurrency", &concurrency_, "Workflows at once (default: 1)").value("N");
    line.flag("--fail-fast", fail_fast_, "Once a workflow has failed start no more; those that run go on");
    line.option("--config", &config_,
                "Configuration, profiles and presets (default: replay.yaml, replay.yml or the same with a "
                "dot in\n"
                "front, in the current directory)")
        .value("PATH");
    line.option("--profile", &profile_, "Which profile of the config file").value("NAME");
}

int FlowCommand::execute() {
    if (concurrency_ && *concurrency_ < 1) return complain("-c takes a number from 1");
    std::error_code error;
    WorkflowOptions options{std::filesystem::current_path(error), config_, profile_};
    auto names = workflow::expand_file_names(files_, options.directory);
    auto loaded = load_and_compile_workflows(names.files, options);
    auto problems = std::move(names.problems);
    problems.insert(problems.end(), loaded.problems.begin(), loaded.problems.end());
    print_error(render_problems(problems));
    if (!problems.empty()) {
        print_error("error: " + count_of(problems.size(), "problem") + "; nothing was run\n");
        return action_ == "validate" ? kFailure : kUsage;
    }
    if (action_ == "validate") {
        print_output(count_of(loaded.compiled.workflows.size(), "workflow") + " in " +
                     count_of(names.files.size(), "file") + ": no problems\n");
        return kSuccess;
    }
    return run_workflows(std::move(loaded.compiled), {concurrency_.value_or(1), fail_fast_});
}

}  // namespace relux::cli

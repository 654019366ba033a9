#include "tools/commands/flow_command.h"

#include "frontend/workflow/file_names.h"
#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "tools/project/workflow_source.h"
#include "tools/running/flow_run.h"
#include "vm/run/machine_load.h"

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
    line.option("-j,--jobs", &jobs_, "The same, as in `relux run`; 0: one per core").value("N");
    line.flag("--fail-fast", fail_fast_, "Once a workflow has failed start no more; those that run go on");
    line.option("--config", &config_,
                "Configuration, profiles and presets (default: replay.yaml, replay.yml or the same with a "
                "dot in\n"
                "front, in the current directory)")
        .value("PATH");
    line.option("--profile", &profile_, "Which profile of the config file").value("NAME");
    line.flag("-d,--debug", debug_, "Show the request and the response of each http step");
    line.option("--max-call-depth", &deepest_call_, "How deep calls and includes may nest (default: 100)")
        .value("N");
    declare_report_flags(line, options_.reports, ", with the other reports, in relux/out/latest");
    line.option("--progress", &progress_, "How progress is shown")
        .choices({"auto", "plain", "tui"})
        .with_default();
}

int FlowCommand::execute() {
    if (concurrency_ && *concurrency_ < 1) return complain("-c takes a number from 1");
    if (jobs_ && *jobs_ < 0) return complain("-j takes a number from 0");
    if (concurrency_ && jobs_ && *concurrency_ != *jobs_)
        return complain("-c and -j are the same thing; give one of them");
    if (deepest_call_ && *deepest_call_ < 1) return complain("--max-call-depth takes a number from 1");
    std::error_code error;
    WorkflowOptions options;
    options.directory = std::filesystem::current_path(error);
    options.config = config_;
    options.profile = profile_;
    options.http_debug = debug_;
    if (deepest_call_) options.deepest_call = static_cast<std::size_t>(*deepest_call_);
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
    options_.concurrency = concurrency_.value_or(jobs_.value_or(1));
    if (options_.concurrency == 0) options_.concurrency = run::usable_processors();
    options_.fail_fast = fail_fast_;
    options_.deepest_call = options.deepest_call;
    options_.progress = progress_ == "tui"     ? Progress::Live
                        : progress_ == "plain" ? Progress::Plain
                                               : Progress::Auto;
    return run_workflows(std::move(loaded.compiled), options_);
}

}  // namespace relux::cli

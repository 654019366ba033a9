// The flags of `run`. What they do is in run_tests.cpp.
#include "tools/commands/run_command.h"

#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "tools/running/run_tests.h"

namespace relux::cli {

RunCommand::RunCommand(std::string_view program) {
    auto name = std::string(program);
    example_ = "  " + name + " run\n  " + name + " run relux/tests/tasks -j 4 -m 2.0\n  " + name +
               " run -f relux/tests/tasks/smoke.relux -t \"task CRUD\"\n  " + name +
               " run -k 'tasks/* and not /slow|flaky/'\n  " + name + " run --rerun\n  " + name +
               " run --shard 2/5 -j 4\n  " + name +
               " run suite.rxb -j 4    # compiled before, with `reluxc build`";
}

void RunCommand::declare(CommandLine& line) {
    line.option(
        "PATH", &options_.paths,
        "Files or directories, searched for *.relux (default: relux/tests), or what a run calls a test,\n"
        "such as tasks/smoke.relux/task-crud; or one archive, *.rxb. An\n"
        "archive runs in the directory of --manifest, or of the nearest Relux.toml if it is the archived\n"
        "one, or in the directory it was built from, or in the nearest project");
    line.option("-f,--file", &files_, "One more PATH; repeatable").value("PATH");
    line.option("-t,--test", &options_.tests, "Only tests of that name; repeatable; needs exactly one file")
        .value("NAME");
    line.option("-k,--filter", &options_.filter,
                "Only tests whose path::name fits: a text in it, a glob over all of it, or a /regex/ in\n"
                "it, with and, or, not and parentheses")
        .value("EXPR");
    line.flag("--rerun", options_.rerun,
              "Only what failed, was cancelled or invalid in an earlier run and has not passed since");
    line.flag("--list", options_.list, "Print the selected tests, one path::name a line, and run none");
    line.option("--shuffle", &shuffle_,
                "Random order; its seed is printed, and --shuffle=SEED gives the order again")
        .value_optional();
    line.option("--shard", &options_.shard,
                "Run the I-th of N parts, balanced by the durations of earlier runs in relux/out. All parts\n"
                "must see the same earlier runs, or none; their plan, which is printed, is equal then")
        .value("I/N");
    line.flag("--allow-empty", options_.allow_empty, "A selection without tests is a success");
    line.option("--manifest", &options_.manifest, "Which Relux.toml (default: nearest upward)").value("PATH");
    declare_setting_flags(line, options_, {"run"});
    line.option("-m,--timeout-multiplier", &options_.timeout_multiplier,
                "Scales tolerances (~), never assertions (@)")
        .value("F");
    line.option("--strategy", &strategy_, "all: run every test; fail-fast: stop at the first failure")
        .choices({"all", "fail-fast"})
        .with_default();
    declare_report_flags(line, options_.reports, " in the run directory");
    line.flag("--stats", options_.stats,
              "After the result, say where the time went; run_summary.toml then has it too, as [stats]");
    line.option("--trace-file", &options_.trace_file,
                "Write what ran when, for the viewers of Chrome (about:tracing) and Perfetto")
        .value("PATH");
    line.option("--progress", &progress_, "How progress is shown")
        .choices({"auto", "plain", "tui"})
        .with_default();
    declare_setting_flags(line, options_, {"timeout", "flaky", "available_ports", "shell", "report"});
    line.flag("--incremental", options_.incremental,
              "Don't run again what passed and depends on nothing that has changed since; what tests\n"
              "depend on besides their code is named by [run] inputs");
    line.flag("--force", options_.force, "With --incremental: run everything, and remember what passed");
    line.option("--why", &options_.why,
                "With --incremental: tell what would make that test run again, and run nothing")
        .value("TEST");
    declare_cache_options(line, options_.cache);
    declare_off_switches(line, options_);
    line.flag("--no-wait-for-reader", options_.wait_for_reader,
              "Send at once, without waiting until the program reads; anchored matches then miss now and\n"
              "then, which is what waiting is for")
        .inverted();
}

int RunCommand::execute() {
    auto options = options_;
    options.paths.insert(options.paths.end(), files_.begin(), files_.end());
    options.fail_fast = strategy_ == "fail-fast";
    options.progress = progress_ == "tui"     ? Progress::Live
                       : progress_ == "plain" ? Progress::Plain
                                              : Progress::Auto;
    if (!shuffle_.empty()) options.shuffle = shuffle_ == "true" ? std::string() : shuffle_;
    return run_tests(options);
}

}  // namespace relux::cli

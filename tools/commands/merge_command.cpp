// The flags of `merge-reports` and where its run goes.
#include "tools/commands/merge_command.h"

#include <chrono>

#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "tools/history/merge_reports.h"
#include "tools/project/ci_protocols.h"
#include "tools/project/project.h"
#include "tools/running/run_directory.h"
#include "tools/running/run_reports.h"
#include "tools/select/selection_shard.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

struct Target {
    fs::path directory;
    std::string run_id;
};

/// Gives the id of a run that is made of these, wherever and whenever it is made.
std::string run_id_of(const std::vector<fs::path>& runs) {
    static constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string names;
    for (const auto& run : runs)
        names += run.filename().string() + "\n";
    std::string id;
    for (auto hash = stable_hash(names, 0); id.size() < 10; hash = stable_hash(names, hash))
        id += kLetters[hash % kLetters.size()];
    return id;
}

Result<Target> make_target(const std::optional<fs::path>& output, const std::optional<fs::path>& manifest,
                           const std::vector<fs::path>& runs) {
    std::error_code error;
    if (output) {
        if (fs::exists(*output, error) && !(fs::is_directory(*output, error) && fs::is_empty(*output, error)))
            return Error{output->string() + " exists and is not an empty directory"};
        error = report::make_directories(*output, report::kUsualRunMode);
        if (error) return Error{"cannot create " + output->string() + ": " + error.message(), error.value()};
        return Target{absolute_path(*output), run_id_of(runs)};
    }
    const auto project = open_project(manifest);
    if (!project) return Error{project.error().message + "; --output names a directory for the merged run"};
    auto directory =
        create_run_directory(project->root, std::chrono::system_clock::now(), project->manifest.report_mode);
    if (!directory) return directory.error();
    return Target{directory->path, directory->run_id};
}

}  // namespace

std::string_view MergeCommand::example() const {
    return "  relux merge-reports shard-1 shard-2 shard-3\n"
           "  relux merge-reports downloaded-artifacts -o merged";
}

void MergeCommand::declare(CommandLine& line) {
    line.option("DIR", &directories_, "Run directories, or directories that have some below them")
        .required()
        .value("PATH");
    line.option("-o,--output", &output_,
                "Where the merged run goes, new or empty (default: a new run in relux/out)")
        .value("PATH");
    line.option("--manifest", &manifest_, "Which Relux.toml (default: nearest upward)").value("PATH");
}

int MergeCommand::execute() {
    const auto runs = find_run_directories(directories_);
    if (!runs) return complain(runs.error().message);
    const auto target = make_target(output_, manifest_, *runs);
    if (!target) return complain(target.error().message);
    const auto merged =
        merge_runs(*runs, target->directory, target->run_id, host_name(), junit_places(host_variable));
    if (!merged) return complain(merged.error().message);
    for (const auto& warning : merged->warnings)
        print_error("warning: " + warning + "\n");
    print_error("merged " + count_of(merged->runs, "run") + ", " + count_of(merged->tests, "test") + ", " +
                std::to_string(merged->not_good) + " not passed\n");
    print_output(target->directory.string() + "\n");
    return kSuccess;
}

}  // namespace relux::cli

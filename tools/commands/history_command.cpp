// The flags of `history`, and what they select.
#include "tools/commands/history_command.h"

#include <algorithm>
#include <limits>

#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "tools/history/history_findings.h"
#include "tools/project/project.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kTests = "relux/tests/";

bool is_at_or_below(std::string_view file, std::string_view directory) {
    while (directory.ends_with('/'))
        directory.remove_suffix(1);
    if (directory.empty() || !file.starts_with(directory)) return false;
    return file.size() == directory.size() || file[directory.size()] == '/';
}

HistoryFormat format_of(std::string_view name) {
    if (name == "toml") return HistoryFormat::Toml;
    return name == "json" ? HistoryFormat::Json : HistoryFormat::Human;
}

}  // namespace

std::string_view HistoryCommand::example() const {
    return "  relux history --flaky --last 50\n"
           "  relux history --durations --top 10 --format json\n"
           "  relux history --first-fail --tests relux/tests/tasks\n"
           "  relux history --margins";
}

void HistoryCommand::declare(CommandLine& line) {
    line.exactly_one(
        "Forms",
        {&line.flag("--flaky", flaky_, "Tests that change between pass and fail, and how often"),
         &line.flag("--failures", failures_, "How often each test failed, by kind of failure"),
         &line.flag("--first-fail", first_fail_, "The last change of each test from pass to fail"),
         &line.flag("--durations", durations_, "Least, greatest and mean duration, and the trend"),
         &line.flag("--margins", margins_,
                    "Matches that came close to their time-out, with a time-out that would leave room")});
    line.option("--tests", &tests_, "Only tests of these files or directories").value("PATH").several();
    line.option("--last", &last_, "Only the last N runs").value("N");
    line.option("--top", &top_, "Only the first N lines").value("N");
    line.option("--format", &format_, "What the output is for")
        .choices({"human", "toml", "json"})
        .with_default();
    line.option("--manifest", &manifest_, "Which Relux.toml (default: nearest upward)").value("PATH");
}

bool HistoryCommand::wanted(const fs::path& root, const std::string& file) const {
    if (tests_.empty()) return true;
    const auto full = file.starts_with("relux/") ? file : std::string(kTests) + file;
    return std::any_of(tests_.begin(), tests_.end(), [&](const std::string& path) {
        const auto placed = path_in_project(root, path);
        return is_at_or_below(full, module_name(root, placed ? *placed : absolute_path(path))) ||
               is_at_or_below(full, std::string(kTests) + path) || is_at_or_below(file, path);
    });
}

HistoryTable HistoryCommand::find_margins_of(const std::vector<PastRun>& runs, const fs::path& root) const {
    MarginsBySite sites;
    std::size_t with_margins = 0;
    for (const auto& run : runs) {
        const auto file = run.directory / kMarginsName;
        std::error_code error;
        if (!fs::exists(file, error)) continue;
        if (const auto added = add_margins(file, sites); added) {
            ++with_margins;
        } else {
            print_error("warning: skipped " + added.error().message + "\n");
        }
    }
    std::erase_if(sites, [&](const auto& site) { return !wanted(root, site.first.first); });
    return find_margins(sites, with_margins);
}

HistoryTable HistoryCommand::find(const std::vector<PastRun>& runs, const fs::path& root) const {
    if (flaky_) return find_flaky(runs);
    if (failures_) return find_failures(runs);
    if (first_fail_) return find_first_failures(runs);
    if (durations_) return find_durations(runs);
    return find_margins_of(runs, root);
}

int HistoryCommand::execute() {
    const auto project = open_project(manifest_);
    if (!project) return complain(project.error().message);
    for (const auto& path : tests_) {
        // Other paths may be meant from `relux/tests`, and files of earlier runs need not be there any more.
        if (!path.starts_with('/') && path.find("..") == std::string::npos) continue;
        const auto placed = path_in_project(project->root, path);
        if (!placed) return complain("--tests: " + placed.error().message);
    }
    auto history = read_history(project->root, last_.value_or(std::numeric_limits<std::size_t>::max()));
    for (const auto& skipped : history.skipped)
        print_error("warning: skipped " + skipped + "\n");
    if (history.runs.empty())
        print_error("there are no runs in " + (project->root / "relux" / "out").string() + "\n");
    for (auto& run : history.runs)
        std::erase_if(run.tests, [&](const PastTest& test) { return !wanted(project->root, test.path); });
    auto table = find(history.runs, project->root);
    if (top_ && table.rows.size() > *top_) table.rows.resize(*top_);
    print_output(render_history(table, format_of(format_)));
    return kSuccess;
}

}  // namespace relux::cli

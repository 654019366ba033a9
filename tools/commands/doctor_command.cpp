// The findings on standard output; the exit status says whether one of them is an error.
#include "tools/commands/doctor_command.h"

#include <algorithm>

#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "tools/shell/doctor_checks.h"

namespace relux::cli {

void DoctorCommand::declare(CommandLine& line) {
    line.option("--manifest", &manifest_, "Which Relux.toml (default: nearest upward)").value("PATH");
}

int DoctorCommand::execute() {
    const auto project = open_project(manifest_);
    // A manifest that is there and wrong, or was named, is no reason to look at defaults.
    if (!project && (manifest_ || find_manifest(std::filesystem::current_path())))
        return complain(project.error().message);
    const auto findings = examine(project);
    print_output(render_findings(findings));
    const bool broken = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.level == Finding::Level::Error;
    });
    return broken ? kFailure : kSuccess;
}

}  // namespace relux::cli

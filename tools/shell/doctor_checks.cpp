#include "tools/shell/doctor_checks.h"

#include <algorithm>
#include <charconv>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tools/cli/output.h"
#include "tools/cli/version.h"
#include "tools/project/ci_protocols.h"
#include "tools/project/environment.h"
#include "vm/base/files.h"
#include "vm/base/text.h"
#include "vm/report/secrets.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

using Level = Finding::Level;

/// Measured: a shell takes a terminal, three log files, a pidfd and two files in /proc; the rest is reserve.
constexpr unsigned long long kDescriptorsPerShell = 12;
constexpr unsigned long long kDescriptorsOfRun = 32;
/// A test with its effects, as suites go.
constexpr unsigned long long kShellsPerTest = 8;

std::optional<long> number_in(const fs::path& file) {
    const auto text = read_file(file);
    if (!text) return std::nullopt;
    long number = 0;
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
    if (parsed.ec != std::errc()) return std::nullopt;
    return number;
}

std::string limit_text(unsigned long long limit) {
    return limit == RLIM_INFINITY ? "unlimited" : std::to_string(limit);
}

Finding check_versions() {
    utsname system{};
    ::uname(&system);
    return {Level::Ok,
            "versions: relux " + std::string(version()) + ", " + system.sysname + " " + system.release +
                " on " + system.machine,
            ""};
}

Finding check_project(const Result<Project>& project) {
    if (project) return {Level::Ok, "project: " + project->root.string(), ""};
    return {Level::Warning, "project: " + project.error().message,
            "the defaults are checked instead; `relux init` makes a project here"};
}

/// Where the program would be found, empty if nowhere.
std::string find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : std::string();
    const auto path = host_variable("PATH").value_or("/usr/bin:/bin");
    for (std::size_t at = 0; at <= path.size();) {
        const auto end = std::min(path.find(':', at), path.size());
        const auto candidate = (fs::path(path.substr(at, end - at)) / name).string();
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
        at = end + 1;
    }
    return {};
}

Finding check_shell_program(const run::ShellSettings& settings) {
    const auto& name = settings.command.front();
    const auto found = find_program(name);
    if (found.empty()) {
        return {Level::Error, "shell: " + name + " is no program that can be run",
                "set [shell] command in Relux.toml to one that is installed, such as \"/bin/sh\""};
    }
    std::error_code error;
    const auto real = fs::canonical(found, error).string();
    return {Level::Ok, "shell: " + name + (real.empty() || real == name ? "" : ", which is " + real), ""};
}

Finding check_processes() {
    const auto own = read_file("/proc/self/environ");
    if (own) return {Level::Ok, "processes: /proc tells which belong to a test", ""};
    return {Level::Error, "processes: " + own.error().message,
            "mount /proc; without it what a test started can't be found and ended"};
}

Finding check_process_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NPROC, &limit);
    const auto text = "process limit: " + limit_text(limit.rlim_cur);
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= 512) return {Level::Ok, text, ""};
    return {Level::Warning, text, "raise it with `ulimit -u 4096`; every shell and command counts"};
}

Finding check_descriptors(int jobs) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return judge_descriptors(limit.rlim_cur, limit.rlim_max, jobs);
}

Finding check_output_directory(const fs::path& root) {
    auto directory = root / "relux" / "out";
    std::error_code error;
    while (!fs::exists(directory, error) && directory.has_relative_path())
        directory = directory.parent_path();
    if (::access(directory.c_str(), W_OK) != 0) {
        return {Level::Error, "run directory: " + directory.string() + " can't be written",
                "give yourself the right to write below " + root.string()};
    }
    struct statvfs status {};
    if (::statvfs(directory.c_str(), &status) != 0)
        return {Level::Ok, "run directory: " + directory.string(), ""};
    return judge_free_space(static_cast<unsigned long long>(status.f_bavail) * status.f_frsize,
                            directory.string());
}

/// Lists what the environment and the project's own `.env` would have masked, and what is too short for that.
Finding check_secrets(const Manifest& manifest, const fs::path& root) {
    const auto layers = EnvironmentLayers::read(root, {}, manifest.shell.term);
    if (!layers) return {Level::Error, "secrets: " + layers.error().message, "mend the file"};
    const report::SecretNames names(manifest.mask);
    std::size_t masked = 0;
    std::string too_short;
    for (const auto& [name, value] : layers->of_module("").variables) {
        if (names.hides(name, value)) ++masked;
        if (!names.matches(name) || value.empty() || value.size() >= report::SecretSearch::kShortest)
            continue;
        too_short += (too_short.empty() ? "" : ", ") + visible(name, false);
    }
    const auto text = "secrets: the values of " + count_of(masked, "variable") + " are masked in reports";
    if (too_short.empty()) return {Level::Ok, text, ""};
    return {Level::Warning,
            text + "; of less than " + std::to_string(report::SecretSearch::kShortest) +
                " characters, and never masked: " + too_short,
            "such a value would be found everywhere; choose a longer one"};
}

Finding reader_finding(const ShellProbe& probe) {
    if (!probe.reader_after) {
        return {Level::Warning,
                "reader detection: the shell was not seen waiting for input; sends go out after a "
                "millisecond of quiet",
                "allow /proc/<pid>/syscall (same user, no seccomp profile against it); else anchored "
                "patterns may "
                "miss now and then"};
    }
    switch (probe.detection) {
        case ReaderDetection::SystemCalls:
            return {Level::Ok, "reader detection: system calls in /proc", ""};
        case ReaderDetection::WaitChannel:
            return {Level::Ok, "reader detection: wait channels in /proc, since system calls can't be read",
                    ""};
        case ReaderDetection::Quiet:
            break;
    }
    return {Level::Warning, "reader detection: a millisecond of quiet",
            "allow /proc/<pid>/syscall; else anchored patterns may miss now and then"};
}

std::string last_output(const ShellProbe& probe) {
    constexpr std::size_t kShown = 200;
    const auto from = probe.output.size() > kShown ? probe.output.size() - kShown : 0;
    const auto text = visible(std::string_view(probe.output).substr(from), false);
    return text.empty() ? "it printed nothing" : "it printed: " + text;
}

}  // namespace

Finding judge_terminals(std::optional<long> in_use, std::optional<long> most) {
    if (!in_use || !most) return {Level::Ok, "terminals: the system does not say how many there are", ""};
    const auto text = "terminals: " + std::to_string(*in_use) + " of " + std::to_string(*most) + " in use";
    const auto left = *most - *in_use;
    if (left >= 64) return {Level::Ok, text, ""};
    return {left < 1 ? Level::Error : Level::Warning, text,
            "raise /proc/sys/kernel/pty/max as root (sysctl kernel.pty.max=4096), or close some"};
}

Finding judge_descriptors(unsigned long long soft, unsigned long long hard, int jobs) {
    const auto shells = soft > kDescriptorsOfRun ? (soft - kDescriptorsOfRun) / kDescriptorsPerShell : 0;
    auto text = "descriptors: " + limit_text(soft);
    if (soft != RLIM_INFINITY) text += ", enough for about " + std::to_string(shells) + " shells at once";
    if (soft == RLIM_INFINITY ||
        shells >= kShellsPerTest * static_cast<unsigned long long>(std::max(jobs, 1)))
        return {Level::Ok, text, ""};
    const auto advice =
        hard > soft ? "raise the limit: ulimit -n " + (hard == RLIM_INFINITY ? "65536" : std::to_string(hard))
                    : std::string("raise the hard limit in /etc/security/limits.conf, or use fewer --jobs");
    return {shells == 0 ? Level::Error : Level::Warning, text, advice};
}

Finding judge_free_space(unsigned long long bytes, const std::string& directory) {
    const auto mebibytes = bytes >> 20;
    const auto text = "run directory: " + std::to_string(mebibytes) + " MiB free in " + directory;
    if (mebibytes >= 256) return {Level::Ok, text, ""};
    return {mebibytes < 8 ? Level::Error : Level::Warning, text, "remove old runs: relux/out/run-*"};
}

std::vector<Finding> judge_shell(const ShellProbe& probe, const run::ShellSettings& settings) {
    if (!probe.prompt_after) {
        const auto why =
            probe.problem.empty() ? "no prompt within 5 s; " + last_output(probe) : probe.problem;
        return {{Level::Error, "prompt: " + visible(why, false),
                 "the shell must print [shell] prompt, which it is given in PS1; try it by hand: PS1='" +
                     settings.prompt + "' " + settings.command.front()}};
    }
    std::vector<Finding> findings;
    if (probe.prompt_was_typed) {
        findings.push_back(
            {Level::Warning, "prompt: came only after it was set by typing",
             "start-up files override PS1, which costs time at every start; give the shell the option "
             "that leaves them out, such as command = [\"/bin/bash\", \"--norc\"]"});
    } else {
        findings.push_back({Level::Ok, "prompt: after " + format_elapsed(*probe.prompt_after), ""});
    }
    findings.push_back(reader_finding(probe));
    if (probe.answer_after) {
        findings.push_back({Level::Ok, "round trip: " + format_elapsed(*probe.answer_after), ""});
    } else {
        const auto why =
            probe.problem.empty() ? "no answer to `echo` within 3 s; " + last_output(probe) : probe.problem;
        findings.push_back({Level::Error, "round trip: " + visible(why, false),
                            "[shell] command must be a shell that reads commands from its terminal"});
    }
    return findings;
}

std::vector<Finding> examine(const Result<Project>& project) {
    std::vector<Finding> findings = {check_versions(), check_project(project)};
    Manifest defaults;
    const auto& manifest = project ? project->manifest : defaults;
    std::error_code error;
    const auto root = project ? project->root : fs::current_path(error);
    findings.push_back(check_shell_program(manifest.shell));
    if (findings.back().level == Level::Ok) {
        auto loop = io::make_uv_loop();
        if (loop) {
            for (auto& finding :
                 judge_shell(probe_shell(**loop, manifest.shell, root.string()), manifest.shell))
                findings.push_back(std::move(finding));
        } else {
            findings.push_back(
                {Level::Error, "event loop: " + loop.error().message, "raise the limits below"});
        }
    }
    findings.push_back(
        judge_terminals(number_in("/proc/sys/kernel/pty/nr"), number_in("/proc/sys/kernel/pty/max")));
    findings.push_back(check_descriptors(manifest.asked_jobs.count));
    findings.push_back(check_process_limit());
    findings.push_back(check_processes());
    findings.push_back(check_output_directory(root));
    findings.push_back(check_secrets(manifest, root));
    return findings;
}

std::string render_findings(const std::vector<Finding>& findings) {
    std::string text;
    for (const auto& finding : findings) {
        switch (finding.level) {
            case Level::Ok:
                text += "ok       ";
                break;
            case Level::Warning:
                text += "warning  ";
                break;
            case Level::Error:
                text += "error    ";
                break;
        }
        text += finding.what + "\n";
        if (!finding.advice.empty()) text += "         " + finding.advice + "\n";
    }
    return text;
}

}  // namespace relux::cli

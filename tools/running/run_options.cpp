// Flags over manifest. Knows no file and no clock.
#include "tools/running/run_options.h"

#include <algorithm>

#include "vm/run/machine_load.h"

namespace relux::cli {

namespace {

constexpr int kTestsOfAThread = 4;

/// Gives what was asked for, on this machine.
void resolve_parallelism(run::RunSettings& settings) {
    const int processors = run::usable_processors();
    settings.automatic_jobs = settings.asked_jobs.automatic;
    settings.jobs = settings.asked_jobs.count;
    if (settings.automatic_jobs || settings.jobs == 0) settings.jobs = processors;
    settings.early_shell_jobs = settings.early_shells ? processors : 0;
    if (settings.asked_threads) {
        settings.threads = *settings.asked_threads == 0 ? processors : *settings.asked_threads;
        return;
    }
    // Fewer tests don't keep one thread busy: what they do takes place in their shells.
    const int many = settings.automatic_jobs ? kTestsOfAThread * processors : settings.jobs;
    settings.threads = std::clamp(many / kTestsOfAThread, 1, processors);
}

}  // namespace

void declare_report_flags(CommandLine& line, report::WantedReports& wanted, std::string_view where) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto& format = report::kReportFormats[i];
        line.flag("--" + std::string(format.name), wanted[i],
                  "Write " + std::string(format.file) + std::string(where));
    }
}

Status check_options(const RunOptions& options) {
    if (options.why && !options.incremental) return Error{"--why needs --incremental"};
    if (options.force && !options.incremental) return Error{"--force needs --incremental"};
    return check_selection(options);
}

Result<run::RunSettings> resolve_settings(const Manifest& manifest, const RunOptions& options) {
    run::RunSettings settings;
    static_cast<run::ProjectSettings&>(settings) = manifest;
    settings.test_timeout_cancels = manifest.language == frontend::Edition::V0_8;
    settings.fail_fast = options.fail_fast;
    settings.wait_for_reader = options.wait_for_reader;
    if (auto applied = apply_setting_flags(options, settings); !applied) return applied.error();
    auto& multiplier = settings.timeout.multiplier;
    if (auto applied = apply_factor(options.timeout_multiplier, "--timeout-multiplier", 0.0, multiplier);
        !applied)
        return applied.error();
    resolve_parallelism(settings);
    return settings;
}

}  // namespace relux::cli

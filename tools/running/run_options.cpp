// Flags over manifest. Knows no file and no clock.
#include "tools/running/run_options.h"

#include <cmath>

#include "vm/run/machine_load.h"

namespace relux::cli {

namespace {

Status apply_duration(const std::optional<std::string>& text, const char* flag, Duration& target,
                      std::string& origin) {
    if (!text) return Done{};
    auto duration = parse_duration(*text, true);
    if (!duration) return Error{std::string(flag) + ": " + duration.error().message};
    target = *duration;
    origin = flag;
    return Done{};
}

Status apply_factor(const std::optional<double>& factor, const char* flag, double above, double& target) {
    if (!factor) return Done{};
    if (!std::isfinite(*factor) || *factor <= above) {
        return Error{std::string(flag) + " must be a finite number greater than " +
                     (above > 0.0 ? "1" : "0")};
    }
    target = *factor;
    return Done{};
}

constexpr int kTestsOfAThread = 4;

Status apply_count(const std::optional<int>& count, const char* flag, int& target) {
    if (!count) return Done{};
    if (*count < 0) return Error{std::string(flag) + " must not be negative"};
    target = *count;
    return Done{};
}

run::RunSettings settings_of(const Manifest& manifest) {
    run::RunSettings settings;
    settings.shell = manifest.shell;
    settings.timeout = manifest.timeout;
    settings.jobs = manifest.jobs;
    settings.automatic_jobs = manifest.automatic_jobs;
    settings.threads = manifest.threads.value_or(1);
    settings.leftover_fails = manifest.leftover_fails;
    settings.memory_limit = manifest.memory_limit;
    settings.test_timeout_cancels = manifest.language == frontend::Edition::V0_8;
    settings.flaky_retries = manifest.flaky_retries;
    settings.flaky_multiplier = manifest.flaky_multiplier;
    settings.port_range_start = manifest.port_range_start;
    settings.port_range_end = manifest.port_range_end;
    settings.mask = manifest.mask;
    settings.shows_environment = manifest.report_shows_environment;
    return settings;
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
    auto settings = settings_of(manifest);
    auto& timeout = settings.timeout;
    settings.fail_fast = options.fail_fast;
    settings.wait_for_reader = options.wait_for_reader;
    const Status applied[] = {
        apply_duration(options.test_timeout, "--test-timeout", timeout.test, timeout.test_origin),
        apply_duration(options.suite_timeout, "--suite-timeout", timeout.suite, timeout.suite_origin),
        apply_factor(options.timeout_multiplier, "--timeout-multiplier", 0.0, timeout.multiplier),
        apply_factor(options.flaky_multiplier, "--flaky-multiplier", 1.0, settings.flaky_multiplier),
        apply_count(options.flaky_retries, "--flaky-retries", settings.flaky_retries),
        apply_count(options.jobs, "--jobs", settings.jobs),
        apply_count(options.threads, "--threads", settings.threads),
    };
    for (const auto& status : applied) {
        if (!status) return status.error();
    }
    if (options.jobs) settings.automatic_jobs = false;
    if (options.automatic_jobs) settings.automatic_jobs = true;
    const int processors = run::usable_processors();
    if (settings.automatic_jobs || settings.jobs == 0) settings.jobs = processors;
    settings.early_shell_jobs = manifest.early_shells && options.early_shells ? processors : 0;
    if (settings.threads == 0) settings.threads = processors;
    if (!manifest.threads && !options.threads) {
        // Fewer tests don't keep one thread busy: what they do takes place in their shells.
        const int many = settings.automatic_jobs ? kTestsOfAThread * processors : settings.jobs;
        settings.threads = std::clamp(many / kTestsOfAThread, 1, processors);
    }
    return settings;
}

}  // namespace relux::cli

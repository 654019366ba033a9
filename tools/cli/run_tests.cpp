// The course of one run. Plain progress only; everything is printed as whole lines, so parallel tests never
// tear them.
#include "tools/cli/run_tests.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <unistd.h>

#include "tools/cli/output.h"
#include "tools/cli/run_directory.h"
#include "tools/cli/suite_source.h"
#include "vm/base/text.h"
#include "vm/io/loop.h"
#include "vm/report/plain_progress.h"
#include "vm/report/render_failure.h"
#include "vm/report/run_summary.h"
#include "vm/run/suite.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

class PlainListener final : public run::RunListener {
  public:
    void on_test_started(const run::TestCase&) override {}
    void on_test_finished(const run::TestCase&, const report::TestResult& result) override {
        print_error(report::test_line(result));
    }
};

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

std::string own_path() {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).string();
}

Result<RunnableSuite> load(const RunOptions& options) {
    bool archive = std::any_of(options.paths.begin(), options.paths.end(), is_archive);
    if (!archive) return suite_from_sources(options.manifest, options.paths, error_wants_color());
    if (options.paths.size() != 1) return Error{"an archive can't be run together with other paths"};
    return suite_from_archive(options.manifest, options.paths.front());
}

// --test names tests of one file; a directory or nothing at all would make the choice depend on the rest of
// the suite.
Status check_test_names(const RunOptions& options) {
    if (options.tests.empty()) return Done{};
    std::error_code error;
    bool one_file = options.paths.size() == 1 && !fs::is_directory(options.paths.front(), error);
    if (!one_file) return Error{"--test requires exactly one --file"};
    return Done{};
}

Status keep_named_tests(const std::vector<std::string>& names, std::vector<run::TestCase>& tests) {
    if (names.empty()) return Done{};
    for (const auto& name : names) {
        bool exists = std::any_of(tests.begin(), tests.end(), [&](const run::TestCase& test) {
            return test.name == name || test.name.empty();
        });
        if (exists) continue;
        std::vector<std::string_view> known;
        for (const auto& test : tests)
            known.push_back(test.name);
        auto nearest = nearest_name(name, known);
        return Error{"no test is named \"" + name + "\"" +
                     (nearest.empty() ? "" : "; did you mean \"" + std::string(nearest) + "\"?")};
    }
    // A file whose tests are not known stays: it is why the test can't be found.
    std::erase_if(tests, [&](const run::TestCase& test) {
        return !test.name.empty() && std::find(names.begin(), names.end(), test.name) == names.end();
    });
    return Done{};
}

void complete_settings(const RunnableSuite& suite, const RunDirectory& directory,
                       run::RunSettings& settings) {
    settings.suite_root = suite.project.root;
    settings.run_directory = directory.path;
    settings.run_id = directory.run_id;
    settings.program = own_path();
    settings.environment = suite.environment->root().variables;
}

// A test that was cancelled before it started has nothing to show but its line.
bool has_something_to_show(const report::TestResult& result) {
    if (!result.warnings.empty()) return true;
    switch (result.outcome) {
        case report::OutcomeKind::Failed:
            return true;
        case report::OutcomeKind::Cancelled:
            return result.failure && !result.failure->chain.empty();
        case report::OutcomeKind::Passed:
        case report::OutcomeKind::Skipped:
        case report::OutcomeKind::Invalid:
            return false;
    }
    RELUX_UNREACHABLE("outcome out of range");
}

std::string failures(const std::vector<report::TestResult>& results, const fs::path& run_directory) {
    std::string text;
    bool color = error_wants_color();
    for (const auto& result : results) {
        if (!has_something_to_show(result)) continue;
        text += "\n---- " + visible(result.path, false) + "/" + slug(result.name) + " ----\n";
        text += report::render_failure(result, color);
        if (!result.log_directory.empty())
            text += "  logs: " + (run_directory / result.log_directory).string() + "\n";
    }
    return text;
}

int exit_status(const run::SuiteResult& result) {
    if (result.interrupted) return kInterrupted;
    bool good = std::all_of(result.results.begin(), result.results.end(), [](const report::TestResult& test) {
        return test.outcome == report::OutcomeKind::Passed || test.outcome == report::OutcomeKind::Skipped;
    });
    return good ? kSuccess : kFailure;
}

int finish(const run::SuiteResult& result, const RunDirectory& directory, int jobs) {
    print_error(failures(result.results, directory.path) + "\n" +
                report::result_lines(result.results, result.duration, jobs, directory.path));
    report::RunSummary summary{directory.run_id, directory.timestamp, host_name(), result.duration,
                               result.results};
    auto written = report::write_run_summary(summary, directory.path / "run_summary.toml");
    if (!written) complain(written.error().message);
    auto status = exit_status(result);
    return !written && status == kSuccess ? kUsage : status;
}

}  // namespace

int run_tests(const RunOptions& options) {
    auto names = check_test_names(options);
    if (!names) return complain(names.error().message);
    auto suite = load(options);
    if (!suite) return complain(suite.error().message);
    auto settings = resolve_settings(suite->project.manifest, options);
    if (!settings) return complain(settings.error().message);
    auto kept = keep_named_tests(options.tests, suite->tests);
    if (!kept) return complain(kept.error().message);
    auto directory = create_run_directory(suite->project.root, std::chrono::system_clock::now());
    if (!directory) return complain(directory.error().message);
    auto loop = io::make_uv_loop();
    if (!loop) return complain(loop.error().message);
    complete_settings(*suite, *directory, *settings);
    print_error(suite->diagnostics);
    print_error(report::running_line(suite->tests.size()));
    PlainListener listener;
    auto result = run::run_suite(**loop, *suite->program, suite->tests, *settings, listener);
    return finish(result, *directory, settings->jobs);
}

}  // namespace relux::cli

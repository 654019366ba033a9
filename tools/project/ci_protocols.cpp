// GitHub reads commands from both streams of a step, so ours go to standard error with all the rest.
#include "tools/project/ci_protocols.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>

#include "vm/base/fd.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

using report::OutcomeKind;
using report::TestResult;

/// GitHub refuses a step's summary above one MiB, whole.
constexpr std::size_t kMostSummaryBytes = 900'000;

std::string escaped(std::string_view text, bool property) {
    std::string result;
    for (const char c : text) {
        if (c == '%') {
            result += "%25";
        } else if (c == '\r') {
            result += "%0D";
        } else if (c == '\n') {
            result += "%0A";
        } else if (property && c == ':') {
            result += "%3A";
        } else if (property && c == ',') {
            result += "%2C";
        } else {
            result += c;
        }
    }
    return result;
}

std::string title_of(const TestResult& result) {
    return report::shown_name(result.path, result.slug);
}

std::string message_of(const TestResult& result) {
    if (!result.failure) return result.skip_reason;
    auto message = result.failure->summary;
    for (const auto& pattern : result.failure->patterns)
        message += "\n" + pattern;
    for (const auto& note : result.failure->notes)
        message += "\n" + note;
    return message;
}

/// Names the file from the workspace if the suite is in it: annotations are relative to that.
std::string annotation_file(const std::string& file, const fs::path& suite_root,
                            const EnvironmentLookup& environment) {
    const auto workspace = environment("GITHUB_WORKSPACE");
    if (!workspace) return file;
    const auto below = (suite_root / file).lexically_normal().lexically_relative(*workspace);
    const auto text = below.string();
    return text.empty() || text.starts_with("..") ? file : text;
}

std::string annotation(std::string_view level, const TestResult& result, const fs::path& suite_root,
                       const EnvironmentLookup& environment, std::string_view message) {
    report::SourcePlace place;
    if (result.failure && !result.failure->chain.empty()) place = result.failure->chain.back().place;
    if (place.file.empty()) place.file = "relux/tests/" + result.path;
    std::string line = "::" + std::string(level) + " file=";
    line += escaped(visible(annotation_file(place.file, suite_root, environment), false), true);
    if (place.line > 0) line += ",line=" + std::to_string(place.line);
    if (place.column > 0) line += ",col=" + std::to_string(place.column);
    line += ",title=" + escaped(title_of(result), true);
    return line + "::" + escaped(visible(message, true), false) + "\n";
}

bool is_bad(OutcomeKind outcome) {
    return outcome == OutcomeKind::Failed || outcome == OutcomeKind::Invalid;
}

bool passed_on_retry(const TestResult& result) {
    return result.outcome == OutcomeKind::Passed && result.flaky_retries > 0;
}

std::string retries_text(const TestResult& result) {
    return "passed after " + std::to_string(result.flaky_retries) +
           (result.flaky_retries == 1 ? " retry" : " retries");
}

std::string retries_with_reasons(const TestResult& result) {
    auto text = retries_text(result);
    for (const auto& attempt : result.failed_attempts)
        text += "\n" + attempt.failure.summary;
    return text;
}

/// A cell of a table, which is one line of the page.
std::string in_markdown(std::string_view text) {
    std::string result;
    for (const char c : visible(text, true)) {
        if (c == '\n') {
            result += "<br>";
            continue;
        }
        if (c == '|' || c == '<' || c == '`' || c == '*' || c == '_' || c == '[' || c == '\\') result += '\\';
        result += c;
    }
    return result;
}

}  // namespace

report::JunitPlaces junit_places(const EnvironmentLookup& environment) {
    return environment("JENKINS_URL") ? report::JunitPlaces::LeftOut : report::JunitPlaces::Written;
}

fs::path place_in_repository(const fs::path& suite_root, const EnvironmentLookup& environment) {
    const auto repository = environment("CI_PROJECT_DIR");
    if (!repository) return {};
    auto place = suite_root.lexically_relative(*repository);
    return place == "." || place.native().starts_with("..") ? fs::path() : place;
}

std::optional<std::string> host_variable(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
}

std::string github_annotations(std::span<const TestResult> results, const fs::path& suite_root,
                               const EnvironmentLookup& environment) {
    if (environment("GITHUB_ACTIONS") != "true") return {};
    std::string lines;
    for (const auto& result : results) {
        if (is_bad(result.outcome)) {
            lines += annotation("error", result, suite_root, environment, message_of(result));
        } else if (passed_on_retry(result)) {
            lines += annotation("warning", result, suite_root, environment, retries_text(result));
        }
    }
    return lines;
}

std::string step_summary(std::span<const TestResult> results, Duration wall, const std::string& suite_name) {
    static constexpr OutcomeKind kKinds[] = {OutcomeKind::Passed, OutcomeKind::Failed, OutcomeKind::Cancelled,
                                             OutcomeKind::Invalid, OutcomeKind::Skipped};
    std::string text = "### Relux: " + in_markdown(suite_name) + "\n\n";
    std::string header;
    std::string rule;
    std::string counts;
    for (auto kind : kKinds) {
        std::size_t count = 0;
        for (const auto& result : results)
            count += result.outcome == kind;
        header += "| " + std::string(report::outcome_name(kind)) + " ";
        rule += "|---:";
        counts += "| " + std::to_string(count) + " ";
    }
    text += header + "| duration |\n" + rule + "|---:|\n" + counts + "| " + format_elapsed(wall) + " |\n";
    bool any = false;
    for (const auto& result : results) {
        const bool flaky = passed_on_retry(result);
        if (!is_bad(result.outcome) && result.outcome != OutcomeKind::Cancelled && !flaky) continue;
        if (!any) text += "\n| test | outcome | why |\n|---|---|---|\n";
        any = true;
        text += "| " + in_markdown(title_of(result)) + " | " +
                std::string(report::outcome_name(result.outcome)) + " | " +
                in_markdown(flaky ? retries_with_reasons(result) : message_of(result)) + " |\n";
        if (text.size() > kMostSummaryBytes) {
            text += "\nMore did not pass; the log of the step has all of them.\n";
            break;
        }
    }
    return text + "\n";
}

Status append_step_summary(std::span<const TestResult> results, Duration wall, const std::string& suite_name,
                           const EnvironmentLookup& environment) {
    const auto file = environment("GITHUB_STEP_SUMMARY");
    if (!file) return Done{};
    Fd fd(::open(file->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!fd) return system_error("cannot write " + *file, errno);
    const auto text = step_summary(results, wall, suite_name);
    for (std::string_view rest = text; !rest.empty();) {
        const auto written = ::write(fd.get(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error("cannot write " + *file, errno);
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    return Done{};
}

}  // namespace relux::cli

// run_summary.toml, written by hand: the few forms it needs are simpler to write than to configure. Always
// valid TOML, whatever bytes a failure quotes.
#include "vm/report/run_summary.h"

#include "vm/report/report_file.h"
#include "vm/report/toml_text.h"

namespace relux::report {

namespace {

void append_text(std::string& out, std::string_view key, std::string_view value) {
    out.append(key).append(" = ").append(toml_text(value)).append("\n");
}

void append_number(std::string& out, std::string_view key, long long value) {
    out.append(key).append(" = ").append(std::to_string(value)).append("\n");
}

void append_cancellation(std::string& out, const Cancellation& cancellation) {
    append_text(out, "cancellation_reason", cancellation.reason);
    const auto detail = cancellation_detail(cancellation);
    if (!detail.empty()) append_text(out, "cancellation_detail", detail);
}

void append_test(std::string& out, const TestResult& test) {
    out += "\n[[tests]]\n";
    append_text(out, "name", test.name);
    append_text(out, "path", test.path);
    if (!test.slug.empty()) append_text(out, "slug", test.slug);
    if (!test.file.empty()) append_text(out, "file", test.file);
    if (test.line != 0) append_number(out, "line", test.line);
    append_text(out, "outcome", outcome_name(test.outcome));
    append_number(out, "duration_ms", whole_milliseconds(test.duration));
    if (test.failure && test.outcome == OutcomeKind::Cancelled) {
        append_cancellation(out, test.failure->cancellation);
    } else if (test.failure) {
        append_text(out, "failure_type", failure_type_name(test.failure->kind));
        append_text(out, "failure_summary", test.failure->report_message());
    }
    if (!test.skip_reason.empty()) append_text(out, "skip_reason", test.skip_reason);
    append_number(out, "flaky_retries", test.flaky_retries);
    if (!test.cached_because.empty()) append_text(out, "cached", test.cached_because);
    if (!test.log_directory.empty()) append_text(out, "log_dir", test.log_directory);
}

}  // namespace

std::string format_run_summary(const RunSummary& summary) {
    std::string out = "[run]\n";
    append_text(out, "run_id", summary.run_id);
    append_text(out, "timestamp", summary.timestamp);
    append_number(out, "duration_ms", whole_milliseconds(summary.duration));
    append_text(out, "hostname", summary.hostname);
    if (summary.statistics != nullptr) out += format_statistics(*summary.statistics);
    for (const auto& test : summary.tests)
        append_test(out, test);
    return out;
}

Status write_run_summary(const RunSummary& summary, const std::filesystem::path& file) {
    return write_report_file(file, format_run_summary(summary), true);
}

}  // namespace relux::report

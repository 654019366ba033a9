// run_summary.toml, written by hand: the few forms it needs are simpler to write than to configure. Always
// valid TOML, whatever bytes a failure quotes.
#include "vm/report/run_summary.h"

#include <optional>
#include <string_view>
#include <utility>

#include "vm/report/report_file.h"
#include "vm/report/toml_text.h"

namespace relux::report {

namespace {

void append(std::string& out, std::string_view key, std::string_view value) {
    out.append(key).append(" = ").append(toml_text(value)).append("\n");
}

void append(std::string& out, std::string_view key, std::int64_t value) {
    out.append(key).append(" = ").append(std::to_string(value)).append("\n");
}

template <typename Value>
void append(std::string& out, std::string_view key, const std::optional<Value>& value) {
    if (value) append(out, key, *value);
}

std::optional<std::string_view> unless_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::int64_t> unless_zero(std::int64_t number) {
    return number == 0 ? std::nullopt : std::optional(number);
}

bool was_cancelled(const TestResult& test) {
    return test.failure && test.outcome == OutcomeKind::Cancelled;
}

/// Other keys than those of a failure tell what stopped a test that was cancelled.
bool has_failed(const TestResult& test) {
    return test.failure && test.outcome != OutcomeKind::Cancelled;
}

std::optional<std::string_view> cancellation_reason(const TestResult& test) {
    return was_cancelled(test) ? std::optional<std::string_view>(test.failure->cancellation.reason)
                               : std::nullopt;
}

std::optional<std::string> cancellation_detail(const TestResult& test) {
    if (!was_cancelled(test)) return std::nullopt;
    auto detail = report::cancellation_detail(test.failure->cancellation);
    return detail.empty() ? std::nullopt : std::optional(std::move(detail));
}

std::optional<std::string_view> failure_type(const TestResult& test) {
    return has_failed(test) ? std::optional<std::string_view>(failure_type_name(test.failure->kind))
                            : std::nullopt;
}

std::optional<std::string_view> failure_summary(const TestResult& test) {
    return has_failed(test) ? std::optional<std::string_view>(test.failure->report_message()) : std::nullopt;
}

void append_test(std::string& out, const TestResult& test) {
    out += "\n[[tests]]\n";
#define TEST_MEMBER(form, member, key, value) append(out, key, value);
#include "vm/report/run_summary.def"
}

}  // namespace

std::string format_run_summary(const RunSummary& summary) {
    std::string out = "[run]\n";
#define RUN_MEMBER(form, member, key, value) append(out, key, value);
#include "vm/report/run_summary.def"
    if (summary.statistics != nullptr) out += format_statistics(*summary.statistics);
    for (const auto& test : summary.tests)
        append_test(out, test);
    return out;
}

Status write_run_summary(const RunSummary& summary, const std::filesystem::path& file) {
    return write_report_file(file, format_run_summary(summary), true);
}

}  // namespace relux::report

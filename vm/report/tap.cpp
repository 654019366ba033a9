// See tap.h. Texts in the YAML blocks are double-quoted, on one line each, so that no failure's text can end
// a block or look like a test line.
#include "vm/report/tap.h"

#include <array>
#include <cstdio>

#include "vm/base/assert.h"
#include "vm/base/text.h"
#include "vm/report/report_file.h"

namespace relux::report {

namespace {

// `#` begins a directive and `\` escapes it.
std::string description(const TestResult& test) {
    std::string text;
    for (const char c : shown_name(test.path, test.slug)) {
        if (c == '#' || c == '\\') text += '\\';
        text += c;
    }
    return text;
}

void append_key(std::string& out, std::string_view key) {
    out.append("  ").append(key).append(": ");
}

void append_text(std::string& out, std::string_view key, std::string_view value) {
    append_key(out, key);
    out += '"';
    // Escapes of visible() begin with a backslash, which YAML would read again.
    for (const char c :
         value.find('\n') == std::string_view::npos ? visible(value, false) : visible(value, true)) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    out += "\"\n";
}

void append_number(std::string& out, std::string_view key, long long value) {
    append_key(out, key);
    out += std::to_string(value) + "\n";
}

void append_diagnostics(std::string& out, const TestResult& test) {
    out += "  ---\n";
    const auto message = test.failure ? test.failure->summary : test.skip_reason;
    append_text(out, "message", message);
    append_text(out, "severity", outcome_name(test.outcome));
    if (test.failure) {
        const auto& failure = *test.failure;
        append_text(out, "type", failure_kind_name(failure.kind));
        if (!failure.shell.empty()) append_text(out, "shell", failure.shell);
        if (!failure.pattern.empty()) append_text(out, "pattern", failure.pattern);
        // The innermost step is where it happened.
        if (!failure.chain.empty()) {
            append_text(out, "file", failure.chain.back().place.file);
            append_number(out, "line", failure.chain.back().place.line);
        }
    }
    append_number(out, "duration_ms", std::chrono::round<std::chrono::milliseconds>(test.duration).count());
    if (test.flaky_retries > 0) append_number(out, "flaky_retries", test.flaky_retries);
    if (!test.log_directory.empty()) append_text(out, "log", test.log_directory);
    out += "  ...\n";
}

void append_test(std::string& out, std::size_t number, const TestResult& test) {
    const bool good = test.outcome == OutcomeKind::Passed || test.outcome == OutcomeKind::Skipped;
    out += (good ? "ok " : "not ok ") + std::to_string(number) + " - " + description(test);
    if (test.outcome == OutcomeKind::Skipped) {
        out += " # SKIP " + visible(test.skip_reason, false);
    }
    out += "\n";
    if (!test.cached_because.empty()) out += "# cached: " + visible(test.cached_because, false) + "\n";
    if (!good || test.flaky_retries > 0) append_diagnostics(out, test);
}

}  // namespace

std::string format_tap(const RunSummary& summary) {
    std::string out = "TAP version 14\n1.." + std::to_string(summary.tests.size());
    out += summary.tests.empty() ? " # SKIP no tests\n" : "\n";
    std::size_t number = 0;
    for (const auto& test : summary.tests)
        append_test(out, ++number, test);
    return out;
}

Status write_tap(const RunSummary& summary, const std::filesystem::path& file) {
    return write_report_file(file, format_tap(summary), false);
}

}  // namespace relux::report

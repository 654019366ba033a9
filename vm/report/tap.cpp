// Texts in the YAML blocks are double-quoted, on one line each, so that no failure's text can end a block or
// look like a test line.
#include "vm/report/tap.h"

#include <set>
#include <string_view>
#include <vector>

#include "vm/base/text.h"

namespace relux::report {

namespace {

// `#` begins a directive and `\` escapes it.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : visible(text, false)) {
        if (c == '#' || c == '\\') result += '\\';
        result += c;
    }
    return result;
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

void append_failure(std::string& out, const Failure& failure) {
    append_text(out, "message", failure.report_message());
    if (!failure.shell.empty()) append_text(out, "shell", failure.shell);
    const auto& context = failure.context;
    if (!context.type.empty()) append_text(out, "context", context.type + " " + context.name);
    if (!failure.pattern.empty()) append_text(out, "pattern", failure.pattern);
    // The innermost step is where it happened.
    if (!failure.chain.empty() && !failure.chain.back().place.file.empty()) {
        append_text(out, "file", failure.chain.back().place.file);
        append_number(out, "line", failure.chain.back().place.line);
    }
}

void append_diagnostics(std::string& out, const TestResult& test) {
    out += "  ---\n";
    const bool cancelled = test.outcome == OutcomeKind::Cancelled;
    if (cancelled && test.failure) {
        append_key(out, "cancellation");
        out += test.failure->cancellation.reason + "\n";
    } else if (test.failure) {
        append_failure(out, *test.failure);
    }
    append_number(out, "duration_ms", whole_milliseconds(test.duration));
    if (test.flaky_retries > 0) append_number(out, "flaky_retries", test.flaky_retries);
    if (!test.log_directory.empty()) {
        append_text(out, "log", test.log_directory + "/event.html");
        append_text(out, "log_json", test.log_directory + "/events.json");
    }
    out += "  ...\n";
}

/// The names that several tests have: alone they would not tell which is meant.
std::set<std::string_view> shared_names(const std::vector<TestResult>& tests) {
    std::set<std::string_view> seen;
    std::set<std::string_view> shared;
    for (const auto& test : tests) {
        if (!seen.insert(test.name).second) shared.insert(test.name);
    }
    return shared;
}

std::string description(const TestResult& test, const std::set<std::string_view>& shared) {
    // A file whose tests are not known is all that there is to name.
    if (test.name.empty()) return escaped(test.path);
    if (!shared.contains(test.name)) return escaped(test.name);
    return escaped(test.name + " (" + test.path + ")");
}

void append_test(std::string& out, std::size_t number, const TestResult& test,
                 const std::set<std::string_view>& shared) {
    const bool good = test.outcome == OutcomeKind::Passed || test.outcome == OutcomeKind::Skipped;
    out += (good ? "ok " : "not ok ") + std::to_string(number) + " - " + description(test, shared);
    if (test.outcome == OutcomeKind::Skipped) out += " # SKIP " + visible(test.skip_reason, false);
    if (test.outcome == OutcomeKind::Invalid) out += " # INVALID " + visible(test.skip_reason, false);
    out += "\n";
    if (!test.cached_because.empty()) out += "# cached: " + visible(test.cached_because, false) + "\n";
    if (test.outcome != OutcomeKind::Skipped && test.outcome != OutcomeKind::Invalid)
        append_diagnostics(out, test);
    // The fields of the block are fixed.
    if (!test.failure) return;
    if (!test.failure->shell_state.empty())
        out += "# shell: " + visible(test.failure->shell_state, false) + "\n";
    for (const auto& note : test.failure->notes)
        out += "# note: " + visible(note, false) + "\n";
}

}  // namespace

std::string format_tap(const ReportSource& source) {
    const auto& summary = source.summary;
    std::string out = "TAP version 13\n1.." + std::to_string(summary.tests.size());
    out += summary.tests.empty() ? " # SKIP no tests\n" : "\n";
    const auto shared = shared_names(summary.tests);
    std::size_t number = 0;
    for (const auto& test : summary.tests)
        append_test(out, ++number, test, shared);
    return out;
}

}  // namespace relux::report

// run_summary.toml, written by hand: the few forms it needs are simpler to write than to configure. Always
// valid TOML, whatever bytes a failure quotes.
#include "vm/report/run_summary.h"

#include <array>
#include <cstdio>

#include "vm/base/text.h"
#include "vm/report/report_file.h"

namespace relux::report {

namespace {

void append_escaped_byte(std::string& text, char c) {
    auto byte = static_cast<unsigned char>(c);
    std::array<char, 8> escape{};
    switch (c) {
        case '"':
            text += "\\\"";
            return;
        case '\\':
            text += "\\\\";
            return;
        case '\n':
            text += "\\n";
            return;
        case '\r':
            text += "\\r";
            return;
        case '\t':
            text += "\\t";
            return;
        default:
            break;
    }
    if (byte >= 0x20 && byte != 0x7f) {
        text.push_back(c);
        return;
    }
    std::snprintf(escape.data(), escape.size(), "\\u%04X", byte);
    text += escape.data();
}

// TOML is UTF-8 throughout; a byte that isn't becomes the four characters \xNN.
std::string quoted(std::string_view value) {
    std::string text = "\"";
    while (!value.empty()) {
        auto invalid = find_invalid_utf8(value);
        auto valid = value.substr(0, invalid);
        for (char c : valid)
            append_escaped_byte(text, c);
        value.remove_prefix(valid.size());
        if (value.empty()) break;
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\\\x%02x", static_cast<unsigned char>(value.front()));
        text += escape.data();
        value.remove_prefix(1);
    }
    text += '"';
    return text;
}

void append_text(std::string& out, std::string_view key, std::string_view value) {
    out.append(key).append(" = ").append(quoted(value)).append("\n");
}

void append_number(std::string& out, std::string_view key, long long value) {
    out.append(key).append(" = ").append(std::to_string(value)).append("\n");
}

long long rounded_milliseconds(Duration duration) {
    return std::chrono::round<std::chrono::milliseconds>(duration).count();
}

void append_test(std::string& out, const TestResult& test) {
    out += "\n[[tests]]\n";
    append_text(out, "name", test.name);
    append_text(out, "path", test.path);
    append_text(out, "outcome", outcome_name(test.outcome));
    append_number(out, "duration_ms", rounded_milliseconds(test.duration));
    if (test.failure) {
        append_text(out, "failure_type", failure_kind_name(test.failure->kind));
        append_text(out, "failure_summary", test.failure->summary);
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
    append_number(out, "duration_ms", rounded_milliseconds(summary.duration));
    append_text(out, "hostname", summary.hostname);
    for (const auto& test : summary.tests)
        append_test(out, test);
    return out;
}

Status write_run_summary(const RunSummary& summary, const std::filesystem::path& file) {
    return write_report_file(file, format_run_summary(summary), true);
}

}  // namespace relux::report

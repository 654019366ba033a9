#include "tools/history/plain_summary.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace relux::cli {

namespace {

/// `key = "text"` or `key = number`.
struct Line {
    std::string_view key;
    std::optional<std::string> text;
    std::int64_t number = 0;
};

std::optional<std::string> unquoted(std::string_view value) {
    const auto inside = value.substr(1, value.size() - 2);
    const auto needs_work = [](char c) {
        return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
    };
    if (std::none_of(inside.begin(), inside.end(), needs_work)) return std::string(inside);
    std::string text;
    for (std::size_t i = 1; i + 1 < value.size(); ++i) {
        char c = value[i];
        if (c == '"' || static_cast<unsigned char>(c) < 0x20) return std::nullopt;
        if (c == '\\') {
            c = value[++i];
            if (c == 'n') {
                c = '\n';
            } else if (c == 'r') {
                c = '\r';
            } else if (c == 't') {
                c = '\t';
            } else if (c != '"' && c != '\\') {
                return std::nullopt;
            }
            if (i + 1 == value.size()) return std::nullopt;  // that was the closing quote
        }
        text += c;
    }
    return text;
}

std::optional<Line> line_of(std::string_view written) {
    constexpr std::string_view kEquals = " = ";
    const auto equals = written.find(kEquals);
    if (equals == std::string_view::npos) return std::nullopt;
    Line line;
    line.key = written.substr(0, equals);
    if (line.key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string_view::npos)
        return std::nullopt;
    const auto value = written.substr(equals + kEquals.size());
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        line.text = unquoted(value);
        if (!line.text) return std::nullopt;
        return line;
    }
    const auto* end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data(), end, line.number);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return line;
}

bool set(PastRun& run, Line&& line) {
    if (line.key == "run_id" && line.text) {
        run.run_id = std::move(*line.text);
    } else if (line.key == "timestamp" && line.text) {
        run.timestamp = std::move(*line.text);
    } else if (line.key == "hostname" && line.text) {
        run.hostname = std::move(*line.text);
    } else if (line.key == "duration_ms" && !line.text) {
        run.duration_ms = line.number;
    } else {
        return false;
    }
    return true;
}

bool set(PastTest& test, bool& has_outcome, Line&& line) {
    if (line.key == "duration_ms" && !line.text) {
        test.duration_ms = line.number;
    } else if (line.key == "flaky_retries" && !line.text) {
        test.flaky_retries = line.number;
    } else if (line.key == "line" && !line.text) {
        test.line = line.number;
    } else if (!line.text) {
        return false;
    } else if (line.key == "name") {
        test.name = std::move(*line.text);
    } else if (line.key == "path") {
        test.path = std::move(*line.text);
    } else if (line.key == "slug") {
        test.slug = std::move(*line.text);
    } else if (line.key == "outcome") {
        const auto outcome = outcome_of(*line.text);
        if (!outcome) return false;
        test.outcome = *outcome;
        has_outcome = true;
    } else if (line.key == "failure_type") {
        test.failure_type = std::move(*line.text);
    } else if (line.key == "failure_summary") {
        test.failure_summary = std::move(*line.text);
    } else if (line.key == "cancellation_reason") {
        test.cancellation_reason = std::move(*line.text);
    } else if (line.key == "cancellation_detail") {
        test.cancellation_detail = std::move(*line.text);
    } else if (line.key == "file") {
        test.file = std::move(*line.text);
    } else if (line.key == "skip_reason") {
        test.skip_reason = std::move(*line.text);
    } else if (line.key == "cached") {
        test.cached = true;
    } else if (line.key == "log_dir") {
        test.log_directory = std::move(*line.text);
    } else {
        return false;
    }
    return true;
}

}  // namespace

std::optional<PastRun> read_plain_summary(std::string_view bytes) {
    constexpr std::string_view kRun = "[run]\n";
    if (!bytes.starts_with(kRun)) return std::nullopt;
    bytes.remove_prefix(kRun.size());
    PastRun run;
    constexpr std::size_t kLeastOfTest = 100;
    run.tests.reserve(bytes.size() / kLeastOfTest);
    bool has_outcome = true;  // of the last test
    while (!bytes.empty()) {
        const auto newline = bytes.find('\n');
        if (newline == std::string_view::npos) return std::nullopt;
        const auto written = bytes.substr(0, newline);
        bytes.remove_prefix(newline + 1);
        if (written.empty()) continue;
        if (written == "[[tests]]") {
            if (!has_outcome) return std::nullopt;
            has_outcome = false;
            run.tests.emplace_back();
            continue;
        }
        auto line = line_of(written);
        if (!line) return std::nullopt;
        const bool taken = run.tests.empty() ? set(run, std::move(*line))
                                             : set(run.tests.back(), has_outcome, std::move(*line));
        if (!taken) return std::nullopt;
    }
    if (!has_outcome) return std::nullopt;
    return run;
}

}  // namespace relux::cli

#include "tools/history/plain_summary.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <type_traits>
#include <utility>

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

// Each takes what the writer writes for such a member, and nothing else.
bool take(Line& line, std::string& member) {
    if (!line.text) return false;
    member = std::move(*line.text);
    return true;
}

bool take(Line& line, std::int64_t& member) {
    member = line.number;
    return !line.text;
}

bool take(Line& line, bool& member) {
    member = true;
    return line.text.has_value();
}

bool take(Line& line, report::OutcomeKind& member) {
    const auto outcome = line.text ? outcome_of(*line.text) : std::nullopt;
    member = outcome.value_or(member);
    return outcome.has_value();
}

bool set(PastRun& run, Line& line) {
#define RUN_MEMBER(form, member, name, value) \
    if (line.key == (name)) return take(line, run.member);
#include "vm/report/run_summary.def"
    return false;
}

bool set(PastTest& test, bool& has_outcome, Line& line) {
#define TEST_MEMBER(form, member, name, value)                                   \
    if (line.key == (name)) {                                                    \
        has_outcome |= std::is_same_v<summary_forms::form, report::OutcomeKind>; \
        return take(line, test.member);                                          \
    }
#include "vm/report/run_summary.def"
    return false;
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
        const bool taken = run.tests.empty() ? set(run, *line) : set(run.tests.back(), has_outcome, *line);
        if (!taken) return std::nullopt;
    }
    if (!has_outcome) return std::nullopt;
    return run;
}

}  // namespace relux::cli

// The lines of a plain run. People and CI jobs grep them, so words and order are fixed (cli 2); a line holds
// no newline but its last byte, whatever a reason or a name contains.
#include "vm/report/plain_progress.h"

#include <algorithm>

#include "vm/base/assert.h"
#include "vm/base/text.h"
#include "vm/base/utf8.h"
#include "vm/report/markup_text.h"

namespace relux::report {

namespace {

struct Counts {
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t cancelled = 0;
    std::size_t invalid = 0;
    std::size_t skipped = 0;
    long long flaky_retries = 0;
    Duration cumulative{0};
};

Counts count(std::span<const TestResult> results) {
    Counts counts;
    for (const auto& result : results) {
        switch (result.outcome) {
            case OutcomeKind::Passed:
                ++counts.passed;
                break;
            case OutcomeKind::Failed:
                ++counts.failed;
                break;
            case OutcomeKind::Cancelled:
                ++counts.cancelled;
                break;
            case OutcomeKind::Skipped:
                ++counts.skipped;
                break;
            case OutcomeKind::Invalid:
                ++counts.invalid;
                break;
        }
        counts.flaky_retries += result.flaky_retries;
        counts.cumulative += result.duration;
    }
    return counts;
}

/// Characters of a progress string that are shown: its beginning, and more of its end, where a failure is.
constexpr std::size_t kProgressHead = 40;
constexpr std::size_t kProgressTail = 77;
constexpr std::string_view kProgressGap = "...";

/// Shows what was executed, before the word that says how it went; nothing for a test that never started.
std::string progress_before(const TestResult& result) {
    if (result.progress.empty()) return {};
    auto shown = visible(result.progress, false);
    if (shown.size() > kProgressHead + kProgressGap.size() + kProgressTail) {
        auto head = shown.substr(0, kProgressHead);
        head.resize(head.size() - incomplete_utf8_tail(head));
        const auto tail = shown.substr(shown.size() - kProgressTail);
        const auto whole = std::find_if_not(tail.begin(), tail.end(), continues_character);
        shown = head + std::string(kProgressGap) + std::string(whole, tail.end());
    }
    return shown + " ";
}

std::string painted(std::string_view word, std::string_view style) {
    return style.empty() ? std::string(word) : std::string(style) + std::string(word) + "\x1b[0m";
}

std::string in_brackets(Duration duration) {
    return " (" + format_elapsed(duration) + ")";
}

std::string with_reason(std::string_view word, const TestResult& result) {
    auto reason = result.skip_reason;
    if (reason.empty() && result.failure) reason = result.failure->summary;
    if (reason.empty()) return std::string(word);
    return std::string(word) + " (" + visible(reason, false) + ")";
}

std::string cancelled_word(const TestResult& result) {
    const bool known = result.failure && result.failure->cancellation.cancelled();
    return known ? result.failure->cancellation.summary() : std::string("cancelled");
}

bool never_ran(const TestResult& result) {
    return result.duration == Duration::zero() && result.progress.empty() && result.log_directory.empty();
}

/// ` on try 2 of 3`; empty: it was the first.
std::string which_try(const TestResult& result) {
    if (result.flaky_retries == 0) return {};
    auto text = " on try " + std::to_string(result.flaky_retries + 1);
    if (result.most_tries > 0) text += " of " + std::to_string(result.most_tries);
    return text;
}

/// A line for each try that has failed, below the one of a test that has passed after all.
std::string failed_tries(const TestResult& result) {
    if (result.outcome != OutcomeKind::Passed) return {};
    std::string text;
    for (std::size_t i = 0; i < result.failed_attempts.size(); ++i) {
        const auto& attempt = result.failed_attempts[i];
        text += "  try " + std::to_string(i + 1) + " failed" + in_brackets(attempt.duration) + ": " +
                visible(attempt.failure.summary, false) + "\n";
    }
    return text;
}

std::string verdict(const TestResult& result, bool color) {
    const auto ok = painted("ok", color ? "\x1b[32m" : "");
    const auto failed = painted("FAILED", color ? "\x1b[1;31m" : "");
    switch (result.outcome) {
        case OutcomeKind::Passed:
            if (!result.cached_because.empty()) return ok + " (cached)";
            return progress_before(result) + ok + which_try(result) + in_brackets(result.duration);
        case OutcomeKind::Failed:
            return progress_before(result) + failed + in_brackets(result.duration);
        case OutcomeKind::Cancelled:
            if (never_ran(result)) return cancelled_word(result) + ", never ran";
            return progress_before(result) + cancelled_word(result) + in_brackets(result.duration);
        case OutcomeKind::Skipped:
            return with_reason("skipped", result);
        case OutcomeKind::Invalid:
            return with_reason("invalid", result);
    }
    RELUX_UNREACHABLE("outcome out of range");
}

void append_count(std::string& line, long long number, std::string_view words) {
    line += std::to_string(number);
    line += ' ';
    line += words;
    line += "; ";
}

void append_unless_zero(std::string& line, long long number, std::string_view words) {
    if (number != 0) append_count(line, number, words);
}

}  // namespace

std::string file_url(const std::filesystem::path& file) {
    return "file://" + url_path(file.string());
}

std::string running_line(std::size_t count) {
    return "running " + std::to_string(count) + (count == 1 ? " test\n" : " tests\n");
}

std::string test_line(const TestResult& result, bool color) {
    return "test " + shown_name(result.path, result.slug) + ": " + verdict(result, color) + "\n" +
           failed_tries(result);
}

std::string result_lines(std::span<const TestResult> results, Duration wall, int jobs,
                         const std::filesystem::path& run_directory) {
    auto counts = count(results);
    bool ok = counts.failed == 0 && counts.cancelled == 0 && counts.invalid == 0;
    std::string text = ok ? "test result: ok. " : "test result: FAILED. ";
    append_count(text, static_cast<long long>(counts.passed), "passed");
    append_count(text, static_cast<long long>(counts.failed), "failed");
    append_unless_zero(text, static_cast<long long>(counts.cancelled), "cancelled");
    append_unless_zero(text, static_cast<long long>(counts.invalid), "invalid");
    append_unless_zero(text, static_cast<long long>(counts.skipped), "skipped");
    append_unless_zero(text, counts.flaky_retries,
                       counts.flaky_retries == 1 ? "flaky retry" : "flaky retries");
    text += "finished in " + format_elapsed(wall);
    if (jobs > 1) text += " (" + format_elapsed(counts.cumulative) + " cumulative)";
    text += "\n  Test logs: " + file_url(run_directory / "index.html") + "\n";
    return text;
}

}  // namespace relux::report

// Written by hand: a dozen elements, and every byte of text goes through markup_text. Readers with a schema
// refuse a whole file for one attribute or element that they don't know.
#include "vm/report/junit.h"

#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "vm/base/assert.h"
#include "vm/report/markup_text.h"
#include "vm/report/render_failure.h"

namespace relux::report {

namespace {

std::string seconds(Duration duration) {
    std::array<char, 40> text{};
    const auto milliseconds = whole_milliseconds(duration);
    std::snprintf(text.data(), text.size(), "%lld.%03lld", milliseconds / 1000, milliseconds % 1000);
    return text.data();
}

std::string attribute(std::string_view name, std::string_view value) {
    return " " + std::string(name) + "=\"" + xml_attribute(value) + "\"";
}

std::string class_name(const TestResult& test) {
    auto name = test.path;
    if (name.ends_with(".relux")) name.resize(name.size() - std::string_view(".relux").size());
    return name;
}

struct Counts {
    std::size_t failures = 0;
    std::size_t errors = 0;
    std::size_t skipped = 0;
};

Counts count(const std::vector<TestResult>& tests) {
    Counts counts;
    for (const auto& test : tests) {
        counts.failures += test.outcome == OutcomeKind::Failed;
        counts.errors += test.outcome == OutcomeKind::Invalid || test.outcome == OutcomeKind::Cancelled;
        counts.skipped += test.outcome == OutcomeKind::Skipped;
    }
    return counts;
}

class JunitDocument {
  public:
    explicit JunitDocument(const ReportSource& source) : source_(source), summary_(source.summary) {}

    std::string take() {
        const auto counts = count(summary_.tests);
        std::string totals = attribute("tests", std::to_string(summary_.tests.size())) +
                             attribute("failures", std::to_string(counts.failures)) +
                             attribute("errors", std::to_string(counts.errors)) +
                             attribute("time", seconds(summary_.duration));
        xml_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", source_.suite) +
               totals + ">\n  <testsuite" + attribute("name", source_.suite) + totals +
               attribute("skipped", std::to_string(counts.skipped)) + attribute("id", "0") +
               attribute("timestamp", summary_.timestamp) + attribute("hostname", summary_.hostname) +
               ">\n    <properties>\n      <property" + attribute("name", "run_id") +
               attribute("value", summary_.run_id) + "/>\n    </properties>\n";
        for (const auto& test : summary_.tests)
            add_case(test);
        xml_ += "  </testsuite>\n</testsuites>\n";
        return std::move(xml_);
    }

  private:
    /// The reports of a try that are there: paths below the run directory, by the names that readers know.
    using Files = std::vector<std::pair<std::string_view, std::string>>;
    Files files_of(const std::string& directory) const {
        Files files;
        if (directory.empty()) return files;
        for (const auto& [name, file] :
             {std::pair{"log", "/event.html"}, std::pair{"events_json", "/events.json"}}) {
            std::error_code error;
            if (std::filesystem::exists(source_.run_directory / (directory + file), error))
                files.emplace_back(name, directory + file);
        }
        return files;
    }

    void add_case(const TestResult& test) {
        xml_ += "    <testcase" + attribute("name", test.name) + attribute("classname", class_name(test)) +
                attribute("time", seconds(test.duration));
        if (source_.places == JunitPlaces::Written && !test.file.empty()) {
            xml_ += attribute("file", (source_.place_in_repository / test.file).string());
            if (test.line != 0) xml_ += attribute("line", std::to_string(test.line));
        }
        xml_ += ">\n";
        add_outcome(test);
        xml_ += "      <system-out>" + output_of(test) + "</system-out>\n    </testcase>\n";
    }

    /// Warnings, and what has no other place: a case may not have properties.
    std::string output_of(const TestResult& test) const {
        std::string text;
        for (const auto& warning : test.warnings)
            text += markup_text("warning: " + warning + "\n");
        const auto files = files_of(test.log_directory);
        for (const auto& [name, file] : files)
            text += bracketed("PROPERTY", std::string(name) + "=" + file);
        if (test.flaky_retries > 0)
            text += bracketed("PROPERTY", "flaky_retries=" + std::to_string(test.flaky_retries));
        if (!test.cached_because.empty()) text += bracketed("PROPERTY", "cached=" + test.cached_because);
        return text + attachments(files);
    }

    static std::string bracketed(std::string_view what, std::string_view value) {
        return "[[" + std::string(what) + "|" + markup_line(value) + "]]\n";
    }

    static std::string attachments(const Files& files) {
        std::string text;
        for (const auto& [name, file] : files)
            text += bracketed("ATTACHMENT", file);
        return text;
    }

    void add_outcome(const TestResult& test) {
        switch (test.outcome) {
            case OutcomeKind::Passed:
                for (const auto& attempt : test.failed_attempts)
                    add_rerun("flakyFailure", attempt.failure, attempt.log_directory);
                return;
            case OutcomeKind::Failed:
                return add_failures(test);
            case OutcomeKind::Cancelled:
                return add_problem("error", cancellation_message(test), "cancelled",
                                   render_failure(test, false));
            case OutcomeKind::Invalid:
                return add_problem("error", test.skip_reason.empty() ? "invalid" : test.skip_reason,
                                   "Invalid", test.skip_reason);
            case OutcomeKind::Skipped:
                xml_ += "      <skipped" + attribute("message", test.skip_reason) + "/>\n";
                return;
        }
        RELUX_UNREACHABLE("outcome out of range");
    }

    // Surefire: the first attempt is the failure, those after it are reruns.
    void add_failures(const TestResult& test) {
        const Failure none;
        const auto& last = test.failure ? *test.failure : none;
        if (test.failed_attempts.empty()) return add_failure(last);
        add_failure(test.failed_attempts.front().failure);
        for (std::size_t i = 1; i < test.failed_attempts.size(); ++i) {
            const auto& attempt = test.failed_attempts[i];
            add_rerun("rerunFailure", attempt.failure, attempt.log_directory);
        }
        add_rerun("rerunFailure", last, test.log_directory);
    }

    static std::string cancellation_message(const TestResult& test) {
        const bool known = test.failure && test.failure->cancellation.cancelled();
        return known ? "cancelled: " + test.failure->cancellation.reason : "cancelled";
    }

    static std::string detail_of(const Failure& failure) {
        TestResult shown;
        shown.failure = failure;
        return render_failure(shown, false);
    }

    void add_failure(const Failure& failure) {
        add_problem("failure", failure.report_message(), failure_type_name(failure.kind), detail_of(failure));
    }

    void add_problem(std::string_view element, std::string_view message, std::string_view type,
                     std::string_view detail) {
        xml_ += "      <" + std::string(element) + attribute("message", message) + attribute("type", type) +
                ">" + markup_text(detail) + "</" + std::string(element) + ">\n";
    }

    void add_rerun(std::string_view element, const Failure& failure, const std::string& log_directory) {
        xml_ += "      <" + std::string(element) + attribute("message", failure.report_message()) +
                attribute("type", failure_type_name(failure.kind)) + ">\n        <stackTrace>" +
                markup_text(detail_of(failure)) + "</stackTrace>\n        <system-out>" +
                attachments(files_of(log_directory)) + "</system-out>\n      </" + std::string(element) +
                ">\n";
    }

    const ReportSource& source_;
    const RunSummary& summary_;
    std::string xml_;
};

}  // namespace

std::string format_junit(const ReportSource& source) {
    return JunitDocument(source).take();
}

}  // namespace relux::report

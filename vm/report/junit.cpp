// See junit.h. Written by hand: a dozen elements, and every byte of text goes through markup_text.
#include "vm/report/junit.h"

#include <array>
#include <cstdio>

#include "vm/base/assert.h"
#include "vm/report/markup_text.h"
#include "vm/report/render_failure.h"
#include "vm/report/report_file.h"

namespace relux::report {

namespace {

std::string seconds(Duration duration) {
    std::array<char, 40> text{};
    const auto milliseconds = std::chrono::round<std::chrono::milliseconds>(duration).count();
    std::snprintf(text.data(), text.size(), "%lld.%03lld", static_cast<long long>(milliseconds / 1000),
                  static_cast<long long>(milliseconds % 1000));
    return text.data();
}

std::string attribute(std::string_view name, std::string_view value) {
    return " " + std::string(name) + "=\"" + markup_line(value) + "\"";
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
    JunitDocument(const RunSummary& summary, std::string_view name,
                  const std::filesystem::path& run_directory)
        : summary_(summary), name_(name), run_directory_(run_directory) {}

    std::string take() {
        const auto counts = count(summary_.tests);
        std::string totals = attribute("tests", std::to_string(summary_.tests.size())) +
                             attribute("failures", std::to_string(counts.failures)) +
                             attribute("errors", std::to_string(counts.errors)) +
                             attribute("skipped", std::to_string(counts.skipped)) +
                             attribute("time", seconds(summary_.duration));
        xml_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", name_) + totals +
               ">\n  <testsuite" + attribute("name", name_) + totals + attribute("id", "0") +
               attribute("timestamp", summary_.timestamp) + attribute("hostname", summary_.hostname) +
               ">\n    <properties>\n" + property("run_id", summary_.run_id, "      ") +
               "    </properties>\n";
        for (const auto& test : summary_.tests)
            add_case(test);
        xml_ += "  </testsuite>\n</testsuites>\n";
        return std::move(xml_);
    }

  private:
    static std::string property(std::string_view name, std::string_view value, std::string_view indent) {
        return std::string(indent) + "<property" + attribute("name", name) + attribute("value", value) +
               "/>\n";
    }

    std::string log_of(const std::string& directory) const {
        if (directory.empty()) return {};
        const auto file = directory + "/event.html";
        std::error_code error;
        return std::filesystem::exists(run_directory_ / file, error) ? file : std::string();
    }

    static std::string last_directory(const TestResult& test) {
        if (test.flaky_retries == 0 || test.log_directory.empty()) return test.log_directory;
        return test.log_directory + "/retry-" + std::to_string(test.flaky_retries);
    }

    void add_case(const TestResult& test) {
        xml_ += "    <testcase" + attribute("name", test.name) + attribute("classname", class_name(test)) +
                attribute("time", seconds(test.duration)) + ">\n";
        const auto log = log_of(last_directory(test));
        if (!test.cached_because.empty()) {
            xml_ += "      <properties>\n" + property("cached", test.cached_because, "        ") +
                    "      </properties>\n";
        } else if (!log.empty()) {
            xml_ += "      <properties>\n" + property("log", log, "        ");
            if (test.flaky_retries > 0)
                xml_ += property("flaky_retries", std::to_string(test.flaky_retries), "        ");
            xml_ += "      </properties>\n";
        }
        add_outcome(test);
        std::string output;
        for (const auto& warning : test.warnings)
            output += "warning: " + warning + "\n";
        xml_ += "      <system-out>" + markup_text(output) + attachments(log) +
                "</system-out>\n    </testcase>\n";
    }

    std::string attachments(const std::string& log) const {
        if (log.empty()) return {};
        std::string text;
        for (const auto& file : {run_directory_ / log, (run_directory_ / log).parent_path() / "events.json"})
            text += "[[ATTACHMENT|" + markup_line(file.string()) + "]]\n";
        return text;
    }

    void add_outcome(const TestResult& test) {
        switch (test.outcome) {
            case OutcomeKind::Passed:
                for (const auto& attempt : test.failed_attempts)
                    add_rerun("flakyFailure", attempt.failure, attempt.duration,
                              log_of(attempt.log_directory));
                return;
            case OutcomeKind::Failed:
                return add_failures(test);
            case OutcomeKind::Cancelled:
                return add_problem("error", test.failure ? test.failure->summary : "cancelled", "cancelled",
                                   render_failure(test, false));
            case OutcomeKind::Invalid:
                return add_problem("error", test.skip_reason.empty() ? "invalid" : test.skip_reason,
                                   "invalid", test.skip_reason);
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
            add_rerun("rerunFailure", attempt.failure, attempt.duration, log_of(attempt.log_directory));
        }
        auto before = Duration(0);
        for (const auto& attempt : test.failed_attempts)
            before += attempt.duration;
        add_rerun("rerunFailure", last, test.duration - before, log_of(last_directory(test)));
    }

    static std::string detail_of(const Failure& failure) {
        TestResult shown;
        shown.failure = failure;
        return render_failure(shown, false);
    }

    void add_failure(const Failure& failure) {
        add_problem("failure", failure.summary, failure_kind_name(failure.kind), detail_of(failure));
    }

    void add_problem(std::string_view element, std::string_view message, std::string_view type,
                     std::string_view detail) {
        xml_ += "      <" + std::string(element) + attribute("message", message) + attribute("type", type) +
                ">" + markup_text(detail) + "</" + std::string(element) + ">\n";
    }

    void add_rerun(std::string_view element, const Failure& failure, Duration duration,
                   const std::string& log) {
        xml_ += "      <" + std::string(element) + attribute("message", failure.summary) +
                attribute("type", failure_kind_name(failure.kind)) + attribute("time", seconds(duration)) +
                ">\n        <stackTrace>" + markup_text(detail_of(failure)) +
                "</stackTrace>\n        <system-out>" + attachments(log) + "</system-out>\n      </" +
                std::string(element) + ">\n";
    }

    const RunSummary& summary_;
    std::string_view name_;
    const std::filesystem::path& run_directory_;
    std::string xml_;
};

}  // namespace

std::string format_junit(const RunSummary& summary, std::string_view name,
                         const std::filesystem::path& run_directory) {
    return JunitDocument(summary, name, run_directory).take();
}

Status write_junit(const RunSummary& summary, std::string_view name,
                   const std::filesystem::path& run_directory, const std::filesystem::path& file) {
    return write_report_file(file, format_junit(summary, name, run_directory), false);
}

}  // namespace relux::report

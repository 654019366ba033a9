// The statistics of a run in words and as TOML. A row is left out when there was nothing of its kind.
#include <array>
#include <cstdio>
#include <string_view>

#include "vm/base/assert.h"
#include "vm/base/shortened_text.h"
#include "vm/base/text.h"
#include "vm/report/outcome.h"
#include "vm/report/run_statistics.h"
#include "vm/report/toml_text.h"

namespace relux::report {

namespace {

/// Limits how much of a pattern stands in a line for people; bytes.
constexpr std::size_t kLongestShown = 80;

constexpr std::array<std::pair<ShellWork, std::string_view>, kShellWorks> kWorks = {{
    {ShellWork::Starting, "starting"},
    {ShellWork::Sending, "sending"},
    {ShellWork::Waiting, "waiting"},
    {ShellWork::Sleeping, "sleeping"},
    {ShellWork::Ending, "ending"},
}};

std::string_view about(ShellWork work) {
    switch (work) {
        case ShellWork::Starting:
            return "from the spawn to the first prompt";
        case ShellWork::Sending:
            return "until a program reads what is sent";
        case ShellWork::Waiting:
            return "for output";
        case ShellWork::Sleeping:
            return "in sleep()";
        case ShellWork::Ending:
            return "until no process is left";
    }
    RELUX_UNREACHABLE("shell work out of range");
}

template <class... Values>
std::string print(const char* format, Values... values) {
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

/// `12,345`
std::string grouped(std::uint64_t number) {
    auto digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return digits;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
    return grouped(number) + " " + std::string(number == 1 ? one : many);
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::array<const char*, 4> kUnits = {"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024) return std::to_string(bytes) + " bytes";
    auto size = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    for (; size >= 1000 && unit + 1 < kUnits.size(); ++unit)
        size /= 1024;
    return print("%.1f %s", size, kUnits[unit]);
}

/// Times below a millisecond are common here, and differ.
std::string short_time(Duration duration) {
    if (duration.count() >= 1'000'000) return format_elapsed(duration);
    return print("%.2f ms", static_cast<double>(duration.count()) / 1e6);
}

Duration total(const ProcessorTime& time) {
    return time.user + time.system;
}

std::string row(std::string_view name, const std::string& text) {
    return print("  %-12.*s", static_cast<int>(name.size()), name.data()) + text + "\n";
}

std::string shell_rows(const RunStatistics& statistics) {
    Duration all{0};
    for (const auto& work : statistics.work)
        all += work.total;
    std::string text;
    for (const auto& [kind, name] : kWorks) {
        const auto& work = statistics.of(kind);
        if (work.count == 0) continue;
        const auto share = all.count() == 0 ? 0.0
                                            : 100.0 * static_cast<double>(work.total.count()) /
                                                  static_cast<double>(all.count());
        text += row("  " + std::string(name),
                    print("%9s %3.0f %%  ", format_elapsed(work.total).c_str(), share) +
                        counted(work.count, "time", "times") + ", " +
                        short_time(work.total / static_cast<std::int64_t>(work.count)) +
                        " on average, at most " + short_time(work.longest) + "; " + std::string(about(kind)));
    }
    return text;
}

std::string traffic_row(const RunStatistics& statistics) {
    return row("traffic", counted(statistics.sends, "send", "sends") + " (" +
                              bytes_text(statistics.bytes_sent) + "), " +
                              bytes_text(statistics.bytes_received) + " of output, " +
                              counted(statistics.matches, "match", "matches") + ", " +
                              counted(statistics.timeouts, "time-out", "time-outs") + ", " +
                              counted(statistics.fail_patterns, "fail pattern", "fail patterns") + " hit");
}

std::string jobs_row(const JobsStatistics& jobs) {
    if (!jobs.automatic) return row("jobs", std::to_string(jobs.first));
    return row("jobs", "auto: " + std::to_string(jobs.least) + " to " + std::to_string(jobs.most) +
                           ", first " + std::to_string(jobs.first) + ", at last " +
                           std::to_string(jobs.last) + "; raised " + counted(jobs.raised, "time", "times") +
                           ", lowered " + counted(jobs.lowered, "time", "times") + "; lag of the loop " +
                           short_time(jobs.lag.median()) + ", at most " + short_time(jobs.lag.longest()));
}

std::string slowest_rows(const RunStatistics& statistics) {
    std::string text;
    if (!statistics.slowest_tests.entries().empty()) text += "  slowest tests\n";
    for (const auto& test : statistics.slowest_tests.entries()) {
        text += print("    %9s  ", format_elapsed(test.duration).c_str()) + shown_name(test.path, test.slug) +
                "\n";
    }
    if (!statistics.slowest_waits.entries().empty()) text += "  slowest waits\n";
    for (const auto& wait : statistics.slowest_waits.entries()) {
        text += print("    %9s  ", format_elapsed(wait.duration).c_str()) + visible(wait.place, false) +
                ": " + shortened_text(visible(wait.what, false), kLongestShown) + " (shell " +
                visible(wait.shell, false) + " of " + shown_name(wait.path, wait.slug) + ")\n";
    }
    return text;
}

std::string attempts_text(const RunStatistics& statistics) {
    const auto& attempts = statistics.attempts;
    auto text = counted(attempts.count, "attempt", "attempts") + ", " + format_elapsed(attempts.total) +
                " one after another";
    if (statistics.tests.count() > 0) {
        text += print("; %.1f at once on average", static_cast<double>(attempts.total.count()) /
                                                       static_cast<double>(statistics.tests.count()));
    }
    return text;
}

// TOML

class Table {
  public:
    void number(std::string_view key, std::uint64_t value) { line(key, std::to_string(value)); }
    void flag(std::string_view key, bool value) { line(key, value ? "true" : "false"); }
    void milliseconds(std::string_view key, Duration value) {
        line(key, print("%lld.%03lld", static_cast<long long>(value.count() / 1'000'000),
                        static_cast<long long>(value.count() / 1'000 % 1'000)));
    }
    void text(std::string_view key, std::string_view value) { line(key, toml_text(value)); }
    void header(std::string_view name) { text_.append("\n").append(name).append("\n"); }
    void work(const WorkTotal& work) {
        number("count", work.count);
        milliseconds("total_ms", work.total);
        milliseconds("longest_ms", work.longest);
    }
    std::string take() { return std::move(text_); }

  private:
    void line(std::string_view key, const std::string& value) {
        text_.append(key).append(" = ").append(value).append("\n");
    }
    std::string text_;
};

void format_processor(Table& table, std::string_view header, const ProcessorTime& time) {
    table.header(header);
    table.milliseconds("user_ms", time.user);
    table.milliseconds("system_ms", time.system);
}

void format_jobs(Table& table, const JobsStatistics& jobs) {
    table.header("[stats.jobs]");
    table.flag("automatic", jobs.automatic);
    table.number("first", static_cast<std::uint64_t>(jobs.first));
    table.number("least", static_cast<std::uint64_t>(jobs.least));
    table.number("most", static_cast<std::uint64_t>(jobs.most));
    table.number("last", static_cast<std::uint64_t>(jobs.last));
    table.number("raised", jobs.raised);
    table.number("lowered", jobs.lowered);
    table.milliseconds("lag_median_ms", jobs.lag.median());
    table.milliseconds("lag_longest_ms", jobs.lag.longest());
}

void format_slowest(Table& table, const RunStatistics& statistics) {
    for (const auto& test : statistics.slowest_tests.entries()) {
        table.header("[[stats.slowest_tests]]");
        table.milliseconds("duration_ms", test.duration);
        table.text("path", test.path);
        table.text("name", test.name);
    }
    for (const auto& wait : statistics.slowest_waits.entries()) {
        table.header("[[stats.slowest_waits]]");
        table.milliseconds("duration_ms", wait.duration);
        table.text("what", wait.what);
        table.text("place", wait.place);
        table.text("shell", wait.shell);
        table.text("path", wait.path);
        table.text("name", wait.name);
    }
}

}  // namespace

void RunStatistics::add_tests(const RunStatistics& other) {
    for (std::size_t kind = 0; kind < kShellWorks; ++kind)
        work[kind].add(other.work[kind]);
    effects.add(other.effects);
    shared += other.shared;
    attempts.add(other.attempts);
    shells += other.shells;
    sends += other.sends;
    bytes_sent += other.bytes_sent;
    bytes_received += other.bytes_received;
    matches += other.matches;
    timeouts += other.timeouts;
    fail_patterns += other.fail_patterns;
    round_trips.add(other.round_trips);
    for (const auto& test : other.slowest_tests.entries())
        slowest_tests.add(test);
    for (const auto& wait : other.slowest_waits.entries())
        slowest_waits.add(wait);
    load += other.load;
}

std::string describe_statistics(const RunStatistics& statistics) {
    std::string text = "\nstatistics:\n";
    text += row("wall", format_elapsed(statistics.wall) + ": " + format_elapsed(statistics.load) +
                            " to compile and load, " + format_elapsed(statistics.tests) + " of tests, " +
                            format_elapsed(statistics.reports) + " for the reports of the run");
    text +=
        row("processor", format_elapsed(total(statistics.own)) + " of the runner (" +
                             format_elapsed(statistics.own.user) + " user, " +
                             format_elapsed(statistics.own.system) + " system), " +
                             format_elapsed(total(statistics.children)) + " of the shells and what they ran");
    if (statistics.peak_memory > 0)
        text += row("memory", bytes_text(statistics.peak_memory) + " at most, of the runner");
    text += row("tests", attempts_text(statistics));
    text += jobs_row(statistics.jobs);
    text += row("shells", grouped(statistics.shells) + ", " + grouped(statistics.shells_at_once) +
                              " at once at most; they spent");
    text += shell_rows(statistics);
    if (statistics.effects.count + statistics.shared > 0) {
        text += row("effects", grouped(statistics.effects.count) + " set up in " +
                                   format_elapsed(statistics.effects.total) + ", at most " +
                                   format_elapsed(statistics.effects.longest) + "; shared " +
                                   counted(statistics.shared, "time", "times"));
    }
    text += traffic_row(statistics);
    if (statistics.round_trips.count() > 0) {
        text += row("round trips", short_time(statistics.round_trips.median()) +
                                       " from a send to the output after it, 99 % within " +
                                       short_time(statistics.round_trips.quantile(0.99)));
    }
    return text + slowest_rows(statistics);
}

std::string format_statistics(const RunStatistics& statistics) {
    Table table;
    table.header("[stats]");
    table.milliseconds("wall_ms", statistics.wall);
    table.milliseconds("load_ms", statistics.load);
    table.milliseconds("tests_ms", statistics.tests);
    table.milliseconds("reports_ms", statistics.reports);
    table.number("peak_memory_bytes", statistics.peak_memory);
    table.number("shells", statistics.shells);
    table.number("shells_at_once", statistics.shells_at_once);
    table.number("sends", statistics.sends);
    table.number("bytes_sent", statistics.bytes_sent);
    table.number("bytes_received", statistics.bytes_received);
    table.number("matches", statistics.matches);
    table.number("timeouts", statistics.timeouts);
    table.number("fail_patterns", statistics.fail_patterns);
    table.number("effects_shared", statistics.shared);
    format_processor(table, "[stats.runner]", statistics.own);
    format_processor(table, "[stats.children]", statistics.children);
    table.header("[stats.attempts]");
    table.work(statistics.attempts);
    for (const auto& [kind, name] : kWorks) {
        table.header("[stats." + std::string(name) + "]");
        table.work(statistics.of(kind));
    }
    table.header("[stats.effects]");
    table.work(statistics.effects);
    table.header("[stats.round_trips]");
    table.number("count", statistics.round_trips.count());
    table.milliseconds("median_ms", statistics.round_trips.median());
    table.milliseconds("p99_ms", statistics.round_trips.quantile(0.99));
    table.milliseconds("longest_ms", statistics.round_trips.longest());
    format_jobs(table, statistics.jobs);
    format_slowest(table, statistics);
    return table.take();
}

}  // namespace relux::report

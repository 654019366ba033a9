#include "tools/history/history_findings.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

namespace relux::cli {

namespace {

using Form = HistoryColumn::Form;
using report::OutcomeKind;

struct Occurrence {
    const PastRun* run;
    const PastTest* test;
};
/// By test_key(), so that equal counts come in the order of their names.
using Occurrences = std::map<std::string, std::vector<Occurrence>>;

template <class Wanted>
Occurrences by_test(const std::vector<PastRun>& runs, Wanted wanted) {
    Occurrences found;
    for (const auto& run : runs) {
        for (const auto& test : run.tests) {
            if (wanted(test)) found[test_key(test.path, test.name)].push_back({&run, &test});
        }
    }
    return found;
}

bool passed_or_failed(const PastTest& test) {
    return test.outcome == OutcomeKind::Passed || test.outcome == OutcomeKind::Failed;
}

bool is_failure(const PastTest& test) {
    const bool ended_by_others =
        test.outcome == OutcomeKind::Cancelled && test.cancellation_reason != "test-timeout";
    return test.outcome != OutcomeKind::Passed && test.outcome != OutcomeKind::Skipped && !ended_by_others;
}

std::string kind_of(const PastTest& test) {
    if (!test.failure_type.empty()) return test.failure_type;
    if (!test.cancellation_reason.empty()) return test.cancellation_reason;
    return std::string(report::outcome_name(test.outcome));
}

std::int64_t number(std::size_t count) {
    return static_cast<std::int64_t>(count);
}

/// The columns that name a test: one for people, two for programs.
std::vector<HistoryColumn> test_columns(std::initializer_list<HistoryColumn> others) {
    std::vector<HistoryColumn> columns = {
        {"path", "", Form::Text}, {"name", "", Form::Text}, {"", "test", Form::Text}};
    columns.insert(columns.end(), others);
    return columns;
}

std::vector<HistoryCell> test_cells(const PastTest& test, std::initializer_list<HistoryCell> others) {
    std::vector<HistoryCell> cells = {test.path, test.name,
                                      test.name.empty() ? test.path : test_key(test.path, test.name)};
    cells.insert(cells.end(), others);
    return cells;
}

/// Orders rows by numbers of columns counted from the first after the test's, greatest first.
template <class... Columns>
void sort_rows(HistoryTable& table, Columns... columns) {
    std::stable_sort(table.rows.begin(), table.rows.end(), [&](const auto& a, const auto& b) {
        for (const std::size_t column : {static_cast<std::size_t>(columns)...}) {
            if (a[column] != b[column]) return a[column] > b[column];
        }
        return false;
    });
}

constexpr std::size_t kFirst = 3;  // after path, name and test

double mean_of(std::vector<std::int64_t>::const_iterator begin,
               std::vector<std::int64_t>::const_iterator end) {
    return begin == end ? 0.0 : std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin);
}

double trend_of(const std::vector<std::int64_t>& taken) {
    const auto half = static_cast<std::ptrdiff_t>(taken.size() / 2);
    const double older = mean_of(taken.begin(), taken.begin() + half);
    const double newer = mean_of(taken.end() - half, taken.end());
    return older > 0 ? newer / older - 1 : 0.0;
}

}  // namespace

HistoryTable find_flaky(const std::vector<PastRun>& runs) {
    HistoryTable table{"tests", "no test changed between pass and fail", {}, {}, runs.size()};
    table.columns = test_columns({{"change_share", "changes in", Form::Share},
                                  {"changes", "changes", Form::Count},
                                  {"runs", "runs", Form::Count},
                                  {"retries", "retries", Form::Count}});
    for (const auto& [key, found] : by_test(runs, passed_or_failed)) {
        std::size_t changes = 0;
        std::int64_t retries = found.front().test->flaky_retries;
        for (std::size_t i = 1; i < found.size(); ++i) {
            changes += found[i].test->outcome != found[i - 1].test->outcome;
            retries += found[i].test->flaky_retries;
        }
        if (changes == 0 && retries == 0) continue;
        const double pairs = static_cast<double>(std::max<std::size_t>(found.size() - 1, 1));
        table.rows.push_back(test_cells(
            *found.back().test,
            {static_cast<double>(changes) / pairs, number(changes), number(found.size()), retries}));
    }
    sort_rows(table, kFirst, kFirst + 3);
    return table;
}

HistoryTable find_failures(const std::vector<PastRun>& runs) {
    HistoryTable table{"tests", "no test failed", {}, {}, runs.size()};
    table.columns = test_columns({{"failures", "failures", Form::Count},
                                  {"runs", "runs", Form::Count},
                                  {"failure_type", "kind", Form::Text},
                                  {"last_run", "", Form::Text},
                                  {"last_summary", "last", Form::Text}});
    const auto all = by_test(runs, [](const PastTest& test) { return test.outcome != OutcomeKind::Skipped; });
    for (const auto& [key, found] : by_test(runs, is_failure)) {
        std::map<std::string, std::vector<Occurrence>> by_kind;
        for (const auto& occurrence : found)
            by_kind[kind_of(*occurrence.test)].push_back(occurrence);
        for (const auto& [kind, failures] : by_kind) {
            const auto& last = failures.back();
            table.rows.push_back(
                test_cells(*last.test, {number(failures.size()), number(all.at(key).size()), kind,
                                        last.run->run_id, last.test->failure_summary}));
        }
    }
    sort_rows(table, kFirst);
    return table;
}

HistoryTable find_first_failures(const std::vector<PastRun>& runs) {
    HistoryTable table{"tests", "no test went from pass to fail", {}, {}, runs.size()};
    table.columns = test_columns({{"timestamp", "failed since", Form::Text},
                                  {"run_id", "run", Form::Text},
                                  {"last_pass_run_id", "passed in", Form::Text},
                                  {"now", "now", Form::Text},
                                  {"failure_summary", "why", Form::Text}});
    for (const auto& [key, found] : by_test(runs, passed_or_failed)) {
        std::optional<std::size_t> at;
        for (std::size_t i = 1; i < found.size(); ++i) {
            if (found[i].test->outcome == OutcomeKind::Failed &&
                found[i - 1].test->outcome == OutcomeKind::Passed)
                at = i;
        }
        if (!at) continue;
        const auto& first = found[*at];
        table.rows.push_back(test_cells(
            *first.test,
            {first.run->timestamp, first.run->run_id, found[*at - 1].run->run_id,
             std::string(report::outcome_name(found.back().test->outcome)), first.test->failure_summary}));
    }
    sort_rows(table, kFirst);
    return table;
}

HistoryTable find_durations(const std::vector<PastRun>& runs) {
    HistoryTable table{"tests", "no test passed", {}, {}, runs.size()};
    table.columns = test_columns({{"mean_ms", "mean", Form::Milliseconds},
                                  {"min_ms", "min", Form::Milliseconds},
                                  {"max_ms", "max", Form::Milliseconds},
                                  {"trend", "trend", Form::Change},
                                  {"runs", "passes", Form::Count}});
    const auto passed = [](const PastTest& test) {
        return test.outcome == OutcomeKind::Passed && !test.cached;
    };
    for (const auto& [key, found] : by_test(runs, passed)) {
        std::vector<std::int64_t> taken;
        for (const auto& occurrence : found)
            taken.push_back(occurrence.test->duration_ms);
        const auto [least, most] = std::minmax_element(taken.begin(), taken.end());
        table.rows.push_back(test_cells(*found.back().test, {mean_of(taken.begin(), taken.end()), *least,
                                                             *most, trend_of(taken), number(taken.size())}));
    }
    sort_rows(table, kFirst);
    return table;
}

HistoryTable find_margins(const MarginsBySite& sites, std::size_t runs) {
    HistoryTable table{"sites", "no match came close to its time-out", {}, {}, runs};
    table.columns = {{"file", "", Form::Text},
                     {"line", "", Form::Count},
                     {"", "match", Form::Text},
                     {"max", "max", Form::Share},
                     {"p99", "p99", Form::Share},
                     {"median", "median", Form::Share},
                     {"count", "matches", Form::Count},
                     {"timed_out", "timed out", Form::Count},
                     {"timeout", "time-out", Form::Text},
                     {"suggested_timeout", "suggested", Form::Text}};
    for (const auto& [site, margins] : sites) {
        if (!at_risk(margins)) continue;
        const std::string sign = margins.assertion ? "@" : "~";
        table.rows.push_back({site.first, std::int64_t{site.second},
                              site.first + ":" + std::to_string(site.second), margins.max(), margins.p99(),
                              margins.median(), number(margins.count()), number(margins.timed_out),
                              sign + format_duration(margins.timeout),
                              sign + format_duration(suggested_timeout(margins))});
    }
    sort_rows(table, kFirst, kFirst + 1);
    return table;
}

}  // namespace relux::cli

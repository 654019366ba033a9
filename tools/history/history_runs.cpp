// Reading of summaries with toml++, built without its exceptions. A file from another version may have more
// keys, and lack some: only the list of tests must be there.
#include "tools/history/history_runs.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include <toml++/toml.h>

#include "tools/history/plain_summary.h"
#include "vm/base/files.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kRunPrefix = "run-";

// False: it is in the table as no reader has it.
bool read(const toml::table& table, std::string_view key, std::string& member) {
    member = table[key].value_or(std::string());
    return true;
}

bool read(const toml::table& table, std::string_view key, std::int64_t& member) {
    member = table[key].value_or(std::int64_t{0});
    return true;
}

bool read(const toml::table& table, std::string_view key, bool& member) {
    member = table.contains(key);
    return true;
}

bool read(const toml::table& table, std::string_view key, report::OutcomeKind& member) {
    const auto outcome = outcome_of(table[key].value_or(std::string()));
    member = outcome.value_or(member);
    return outcome.has_value();
}

Result<PastTest> test_of(const toml::table& table) {
    PastTest test;
    bool good = true;
#define TEST_MEMBER(form, member, key, value) good &= read(table, key, test.member);
#include "vm/report/run_summary.def"
    if (!good) return Error{"a test without a known outcome"};
    return test;
}

/// Earlier versions wrote other words for kinds of failure, and a cancelled test's like a failure.
void use_words_of_today(PastTest& test) {
    if (test.failure_type.empty()) return;
    if (test.outcome == report::OutcomeKind::Cancelled) {
        if (test.failure_type == "test-timeout") test.cancellation_reason = test.failure_type;
        test.failure_type.clear();
        test.failure_summary.clear();
    } else if (const auto kind = report::failure_kind_of_type(test.failure_type)) {
        test.failure_type = report::failure_type_name(*kind);
    }
}

/// Directories that may hold runs, newest name first; those that are not named by a time come first of all.
std::vector<fs::path> candidates(const fs::path& out) {
    std::vector<fs::path> named;
    std::vector<fs::path> others;
    std::error_code error;
    for (fs::directory_iterator it(out, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->is_symlink(ignored) || !it->is_directory(ignored)) continue;
        const bool is_named = it->path().filename().string().starts_with(kRunPrefix);
        (is_named ? named : others).push_back(it->path());
    }
    std::sort(others.begin(), others.end());
    std::sort(named.rbegin(), named.rend());
    others.insert(others.end(), named.begin(), named.end());
    return others;
}

/// The part of a run directory's name that tells when it was made, to the second.
std::string time_of_name(const fs::path& directory) {
    const auto name = directory.filename().string();
    return name.substr(0, name.rfind('-'));
}

void leave_out_parts(std::vector<PastRun>& runs, const std::unordered_set<std::string>& parts) {
    std::erase_if(runs, [&](const PastRun& run) { return parts.contains(run.run_id); });
}

Result<PastRun> parse_summary(const fs::path& file, std::string_view bytes) {
    const auto parsed = toml::parse(bytes);
    if (!parsed) {
        return Error{file.string() + ":" + std::to_string(parsed.error().source().begin.line) + ": " +
                     std::string(parsed.error().description())};
    }
    const auto* about = parsed.table().get_as<toml::table>("run");
    if (about == nullptr) return Error{file.string() + " has no [run]"};
    PastRun run;
#define RUN_MEMBER(form, member, key, value) read(*about, key, run.member);
#include "vm/report/run_summary.def"
    if (const auto* merged = about->get_as<toml::array>("merged_from")) {
        for (const auto& id : *merged)
            run.merged_from.push_back(id.value_or(std::string()));
    }
    const auto* tests = parsed.table().get_as<toml::array>("tests");
    if (tests == nullptr) return run;
    for (const auto& entry : *tests) {
        const auto* table = entry.as_table();
        auto test = table == nullptr ? Result<PastTest>(Error{"a test that is no table"}) : test_of(*table);
        if (!test) return Error{file.string() + ": " + test.error().message};
        run.tests.push_back(std::move(*test));
    }
    return run;
}

}  // namespace

std::optional<report::OutcomeKind> outcome_of(std::string_view name) {
    using report::OutcomeKind;
    for (auto kind : {OutcomeKind::Passed, OutcomeKind::Failed, OutcomeKind::Cancelled, OutcomeKind::Skipped,
                      OutcomeKind::Invalid}) {
        if (report::outcome_name(kind) == name) return kind;
    }
    return std::nullopt;
}

Result<PastRun> read_past_run(const fs::path& directory) {
    const auto file = directory / kSummaryName;
    const auto bytes = read_file(file);
    if (!bytes) return bytes.error();
    auto plain = read_plain_summary(*bytes);
    auto run = plain ? Result<PastRun>(std::move(*plain)) : parse_summary(file, *bytes);
    if (!run) return run;
    for (auto& test : run->tests)
        use_words_of_today(test);
    run->directory = directory;
    std::error_code ignored;
    run->written = fs::last_write_time(file, ignored);
    return run;
}

History read_history(const fs::path& root, std::size_t last) {
    History history;
    std::unordered_set<std::string> parts;  // of merged runs, which are not older than their parts
    std::string time;
    std::vector<std::string> of_time;  // ids
    std::size_t counted = 0;
    for (const auto& directory : candidates(root / "relux" / "out")) {
        const bool is_named = directory.filename().string().starts_with(kRunPrefix);
        // Those of one second are in no order by name; they are put in order, and cut off, below.
        if (is_named && time_of_name(directory) != time) {
            counted += static_cast<std::size_t>(std::count_if(
                of_time.begin(), of_time.end(), [&](const auto& id) { return !parts.contains(id); }));
            if (counted >= last) break;
            time = time_of_name(directory);
            of_time.clear();
        }
        auto run = read_past_run(directory);
        if (!run) {
            history.skipped.push_back(directory.string() + ": " + run.error().message);
            continue;
        }
        parts.insert(run->merged_from.begin(), run->merged_from.end());
        if (is_named) of_time.push_back(run->run_id);
        history.runs.push_back(std::move(*run));
    }
    leave_out_parts(history.runs, parts);
    std::sort(history.runs.begin(), history.runs.end(), [](const PastRun& a, const PastRun& b) {
        return std::tie(a.timestamp, a.written, a.directory) < std::tie(b.timestamp, b.written, b.directory);
    });
    if (history.runs.size() > last)
        history.runs.erase(history.runs.begin(), history.runs.end() - static_cast<std::ptrdiff_t>(last));
    return history;
}

Result<PastRun> read_latest_run(const fs::path& root) {
    const auto out = root / "relux" / "out";
    std::error_code error;
    auto target = fs::canonical(out / "latest", error);
    if (!error) {
        if (auto run = read_past_run(target)) return run;
    }
    auto history = read_history(root, 1);
    if (history.runs.empty()) return Error{"there is no earlier run in " + out.string()};
    return std::move(history.runs.back());
}

std::string test_key(std::string_view path, std::string_view name) {
    return std::string(path).append("::").append(name);
}

}  // namespace relux::cli

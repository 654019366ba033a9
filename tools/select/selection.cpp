// A file that does not compile and whose tests are not known stays through names and filters: it may be why
// the wanted test can't be found.
#include "tools/select/selection.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <unordered_map>
#include <unordered_set>

#include "tools/cli/output.h"
#include "tools/history/history_runs.h"
#include "tools/project/project.h"
#include "tools/select/environment_shard.h"
#include "tools/select/selection_expression.h"
#include "tools/select/selection_shard.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

using Tests = std::vector<run::TestCase>;

/// So many earlier runs say how long a test takes.
constexpr std::size_t kRunsForDurations = 20;

std::string key_of(const run::TestCase& test) {
    return test_key(test.path, test.name);
}

/// A slug for the name that it was made of, unless a test is named so.
std::string written_name(const std::string& wanted, const Tests& tests) {
    const auto is_wanted = [&](const run::TestCase& test) { return test.name == wanted; };
    if (std::any_of(tests.begin(), tests.end(), is_wanted)) return wanted;
    const auto found = std::find_if(tests.begin(), tests.end(),
                                    [&](const run::TestCase& test) { return test.slug() == wanted; });
    return found == tests.end() ? wanted : std::string(found->name);
}

std::string test_file(const Tests& tests, std::string_view path) {
    const auto found = std::find_if(tests.begin(), tests.end(),
                                    [&](const run::TestCase& test) { return test.path == path; });
    return found == tests.end() ? std::string() : std::string(found->file);
}

std::string suggested_name(const Tests& tests, const std::string& shown) {
    std::vector<std::string> names;
    for (const auto& test : tests)
        names.push_back(report::shown_name(test.path, test.slug()));
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto nearest = nearest_name(shown, known);
    return nearest.empty() ? std::string() : "; did you mean " + std::string(nearest) + "?";
}

Status keep_named(std::vector<std::string> names, Tests& tests) {
    if (names.empty()) return Done{};
    for (auto& name : names) {
        name = written_name(name, tests);
        const bool exists = std::any_of(tests.begin(), tests.end(), [&](const run::TestCase& test) {
            return test.name == name || test.name.empty();
        });
        if (exists) continue;
        std::vector<std::string_view> known;
        for (const auto& test : tests)
            known.push_back(test.name);
        const auto nearest = nearest_name(name, known);
        return Error{"no test is named \"" + name + "\"" +
                     (nearest.empty() ? "" : "; did you mean \"" + std::string(nearest) + "\"?")};
    }
    std::erase_if(tests, [&](const run::TestCase& test) {
        return !test.name.empty() && std::find(names.begin(), names.end(), test.name) == names.end();
    });
    return Done{};
}

/// Tests that are asked for by their names in the results of a run: their file was found all the same.
Status keep_shown(const std::vector<fs::path>& paths, const fs::path& root, Tests& tests) {
    std::unordered_set<std::string> wanted;
    std::vector<std::string> files;  // all of whose tests are wanted, and directories
    for (const auto& path : paths) {
        std::error_code error;
        if (fs::exists(path, error)) {
            const auto placed = path_in_project(root, path);
            if (placed) files.push_back(placed->string());
            continue;
        }
        auto shown = path.lexically_normal().string();
        const std::string tests_directory = "relux/tests/";
        if (shown.starts_with(tests_directory)) shown.erase(0, tests_directory.size());
        const auto is_meant = [&](const run::TestCase& test) {
            return report::shown_name(test.path, test.slug()) == shown;
        };
        if (std::any_of(tests.begin(), tests.end(), [&](const auto& test) { return test.path == shown; })) {
            files.push_back((root / test_file(tests, shown)).string());
        } else if (std::any_of(tests.begin(), tests.end(), is_meant)) {
            wanted.insert(shown);
        } else {
            return Error{"no test is called " + path.string() + suggested_name(tests, shown)};
        }
    }
    if (wanted.empty()) return Done{};
    std::erase_if(tests, [&](const run::TestCase& test) {
        const auto file = (root / test.file).string();
        const bool whole = std::any_of(files.begin(), files.end(), [&](const std::string& taken) {
            return file == taken || file.starts_with(taken + "/");
        });
        return !whole && !wanted.contains(report::shown_name(test.path, test.slug()));
    });
    return Done{};
}

Status keep_filtered(const std::optional<std::string>& filter, Tests& tests) {
    if (!filter) return Done{};
    const auto expression = SelectionExpression::parse(*filter);
    if (!expression) return Error{"--filter: " + expression.error().message};
    const bool reads_shown_names = expression->reads_shown_names();
    std::erase_if(tests, [&](const run::TestCase& test) {
        const auto shown = reads_shown_names ? report::shown_name(test.path, test.slug()) : std::string();
        return !test.name.empty() && !expression->matches(key_of(test), shown);
    });
    return Done{};
}

/// Knows what all earlier runs, of whatever selections, tell of tests: a failure stands until the test
/// passes.
class UnpassedTests {
  public:
    explicit UnpassedTests(const std::vector<PastRun>& runs) {
        for (const auto& run : runs)
            add(run);
    }
    bool contains(const run::TestCase& test) const {
        const auto key = key_of(test);
        if (unpassed_.contains(key)) return true;
        // A file that is broken now hides the tests that did not pass before.
        if (test.name.empty()) {
            return std::any_of(unpassed_.begin(), unpassed_.end(),
                               [&](const auto& other) { return other.starts_with(key); });
        }
        const auto broken = broken_files_.find(std::string(test.path));
        if (broken == broken_files_.end()) return false;
        const auto seen = seen_.find(key);
        return seen == seen_.end() || seen->second < broken->second;
    }

  private:
    void add(const PastRun& run) {
        ++number_;
        for (const auto& test : run.tests) {
            const auto key = test_key(test.path, test.name);
            const bool good = test.outcome == report::OutcomeKind::Passed;
            if (good || test.outcome == report::OutcomeKind::Skipped) seen_[key] = number_;
            if (test.outcome == report::OutcomeKind::Skipped) continue;
            // All tests of a file that could not be read.
            if (!good && test.name.empty()) broken_files_[test.path] = number_;
            if (!test.name.empty()) unpassed_.erase(test_key(test.path, ""));
            if (good) {
                unpassed_.erase(key);
            } else {
                unpassed_.insert(key);
            }
        }
    }

    std::size_t number_ = 0;                                     ///< of a run, the oldest first
    std::unordered_set<std::string> unpassed_;                   ///< by test_key()
    std::unordered_map<std::string, std::size_t> broken_files_;  ///< the last run in which it was broken
    std::unordered_map<std::string, std::size_t> seen_;          ///< the last run in which it was good
};

Status keep_unpassed(const fs::path& root, Tests& tests, TestSelection& selection) {
    const auto history = read_history(root);
    // Nobody knows what failed in them.
    std::string unread;
    if (!history.skipped.empty()) {
        const auto more = history.skipped.size() - 1;
        unread = "not read: " + history.skipped.front();
        if (more > 0) unread += ", and " + std::to_string(more) + " more";
    }
    if (history.runs.empty()) {
        return Error{"--rerun: there is no earlier run in " + (root / "relux" / "out").string() +
                     (unread.empty() ? "" : "; " + unread)};
    }
    if (!unread.empty()) selection.notes.push_back("--rerun: " + unread);
    const UnpassedTests unpassed(history.runs);
    std::erase_if(tests, [&](const run::TestCase& test) { return !unpassed.contains(test); });
    selection.nothing_to_do = tests.empty();
    selection.notes.push_back(
        tests.empty() ? "nothing to rerun: no selected test that failed, was cancelled or invalid "
                        "has not passed since"
                      : "rerun of what failed, was cancelled or invalid and has not passed since");
    return Done{};
}

Status shuffle(const std::optional<std::string>& wish, Tests& tests, std::vector<std::string>& notes) {
    if (!wish) return Done{};
    std::uint64_t seed = 0;
    if (wish->empty()) {
        seed = std::random_device{}();
    } else {
        const auto* end = wish->data() + wish->size();
        const auto parsed = std::from_chars(wish->data(), end, seed);
        if (parsed.ec != std::errc() || parsed.ptr != end)
            return Error{"--shuffle takes a whole number from 0 as its seed, not `" + visible(*wish, false) +
                         "`"};
    }
    // By hash, not by position: a test more or less leaves the order of the others as it was.
    std::stable_sort(tests.begin(), tests.end(), [&](const run::TestCase& a, const run::TestCase& b) {
        return stable_hash(key_of(a), seed) < stable_hash(key_of(b), seed);
    });
    notes.push_back("shuffled with seed " + std::to_string(seed) + "; --shuffle=" + std::to_string(seed) +
                    " gives this order again");
    return Done{};
}

Result<std::optional<EnvironmentShard>> wanted_shard(const SelectionOptions& options,
                                                     const EnvironmentLookup& environment) {
    if (!options.shard) return environment_shard(environment);
    const auto shard = parse_shard(*options.shard);
    if (!shard) return Error{"--shard: " + shard.error().message};
    if (shard->count == 1) return std::optional<EnvironmentShard>();
    return std::optional(EnvironmentShard{*shard, "--shard", ""});
}

Status keep_shard(const EnvironmentShard& wanted, const fs::path& root, Tests& tests,
                  TestSelection& selection) {
    if (!wanted.status_file.empty()) {
        if (const auto touched = touch_file(wanted.status_file); !touched) return touched;
    }
    const auto history = read_history(root, kRunsForDurations);
    const auto durations = typical_durations(history.runs);
    std::vector<std::string> keys;
    for (const auto& test : tests)
        keys.push_back(key_of(test));
    const auto shards = assign_shards(keys, durations, wanted.shard.count);
    ShardPlan plan{wanted.shard, tests.size(), shard_plan_digest(keys, durations)};
    Tests kept;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        if (shards[i] == wanted.shard.index) kept.push_back(std::move(tests[i]));
    }
    tests = std::move(kept);
    selection.notes.push_back(
        "shard " + std::to_string(plan.shard.index) + "/" + std::to_string(plan.shard.count) + " (" +
        wanted.origin + "): " + std::to_string(tests.size()) + " of " + count_of(plan.tests, "test") + ", " +
        (durations.empty() ? "no durations known" : "balanced by " + count_of(history.runs.size(), "run")) +
        ", plan " + plan.digest);
    selection.plan = std::move(plan);
    return Done{};
}

std::string why_empty(const SelectionOptions& options, bool any) {
    if (!any) return "no tests were found";
    return options.filter ? "no test matches --filter " + visible(*options.filter, false)
                          : "no tests were selected";
}

}  // namespace

// --test names tests of one file; a directory or nothing at all would make the choice depend on the rest of
// the suite.
Status check_selection(const SelectionOptions& options) {
    if (options.tests.empty()) return Done{};
    std::error_code error;
    const bool one_file = options.paths.size() == 1 && !fs::is_directory(options.paths.front(), error);
    if (!one_file) return Error{"--test requires exactly one --file"};
    return Done{};
}

Result<TestSelection> select_tests(const SelectionOptions& options, const EnvironmentLookup& environment,
                                   const fs::path& root, std::vector<run::TestCase>& tests) {
    TestSelection selection;
    const bool any = !tests.empty();
    auto shard = wanted_shard(options, environment);
    if (!shard) return shard.error();
    if (const auto kept = keep_shown(options.paths, root, tests); !kept) return kept.error();
    if (const auto kept = keep_named(options.tests, tests); !kept) return kept.error();
    if (const auto kept = keep_filtered(options.filter, tests); !kept) return kept.error();
    if (options.rerun) {
        if (const auto kept = keep_unpassed(root, tests, selection); !kept) return kept.error();
        if (tests.empty()) return selection;
    }
    if (tests.empty()) {
        const auto why = why_empty(options, any);
        if (!options.allow_empty) return Error{why + "; --allow-empty makes that a success"};
        selection.nothing_to_do = true;
        selection.notes.push_back(why);
    }
    if (const auto done = shuffle(options.shuffle, tests, selection.notes); !done) return done.error();
    if (*shard) {
        if (const auto kept = keep_shard(**shard, root, tests, selection); !kept) return kept.error();
    }
    return selection;
}

}  // namespace relux::cli

// Works on the tables of run_summary.toml, not on what this version knows of them, so that no key is lost.
#include "tools/history/merge_reports.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

#include <toml++/toml.h>

#include "tools/cli/output.h"
#include "tools/history/history_margins.h"
#include "tools/history/history_runs.h"
#include "tools/history/shard_plan.h"
#include "tools/history/toml_document.h"
#include "vm/base/files.h"
#include "vm/report/report_file.h"
#include "vm/report/report_formats.h"
#include "vm/report/run_mode.h"
#include "vm/report/run_page.h"
#include "vm/run/test_slug.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

struct Part {
    fs::path directory;
    toml::table summary;
    std::string run_id;
    std::string timestamp;
    fs::file_time_type written;
};

struct MergedTest {
    toml::table table;
    fs::path directory;  ///< of its run
};

Result<toml::table> read_table(const fs::path& file) {
    auto bytes = read_file(file);
    if (!bytes) return bytes.error();
    auto parsed = toml::parse(*bytes);
    if (!parsed) {
        return Error{file.string() + ":" + std::to_string(parsed.error().source().begin.line) + ": " +
                     std::string(parsed.error().description())};
    }
    return std::move(parsed).table();
}

/// Hard links where the file system allows: logs are never changed once written.
Status copy_tree(const fs::path& from, const fs::path& to) {
    std::error_code error = report::make_directories_below(to);
    for (fs::recursive_directory_iterator it(from, error), end; !error && it != end; it.increment(error)) {
        const auto place = to / it->path().lexically_relative(from);
        if (it->is_symlink(error)) {
            fs::copy_symlink(it->path(), place, error);
        } else if (it->is_directory(error)) {
            error = report::make_directories_below(place);
        } else if (it->is_regular_file(error)) {
            std::error_code not_linked;
            fs::create_hard_link(it->path(), place, not_linked);
            if (not_linked) fs::copy_file(it->path(), place, fs::copy_options::overwrite_existing, error);
        }
        if (error) break;
    }
    if (error) return Error{"cannot copy " + from.string() + ": " + error.message(), error.value()};
    return Done{};
}

/// A path from a summary that stays below the run directory.
bool stays_below(const fs::path& path) {
    if (path.empty() || path.is_absolute()) return false;
    return std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

class Merge {
  public:
    Merge(const fs::path& target, std::string run_id, std::string hostname, report::JunitPlaces places)
        : target_(target), run_id_(std::move(run_id)), hostname_(std::move(hostname)), places_(places) {}

    Result<MergedRun> merge(const std::vector<fs::path>& runs) {
        for (const auto& directory : runs) {
            if (auto added = add_part(directory); !added) return added.error();
        }
        std::sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) {
            return std::tie(a.timestamp, a.written, a.directory) <
                   std::tie(b.timestamp, b.written, b.directory);
        });
        for (auto& part : parts_)
            add_tests(part);
        check_plans();
        for (auto& [key, test] : tests_) {
            if (auto copied = copy_logs(test); !copied) return copied.error();
        }
        if (auto copied = copy_shared_artifacts(); !copied) return copied.error();
        if (auto written = write(); !written) return written.error();
        if (auto written = write_documents(); !written) return written.error();
        merged_.runs = parts_.size();
        merged_.tests = tests_.size();
        return merged_;
    }

  private:
    Status add_part(const fs::path& directory) {
        auto summary = read_table(directory / kSummaryName);
        if (!summary) return summary.error();
        const auto* about = summary->get_as<toml::table>("run");
        if (about == nullptr) return Error{(directory / kSummaryName).string() + " has no [run]"};
        Part part{directory,
                  {},
                  (*about)["run_id"].value_or(std::string()),
                  (*about)["timestamp"].value_or(std::string()),
                  {}};
        std::error_code ignored;
        part.written = fs::last_write_time(directory / kSummaryName, ignored);
        for (const auto& other : parts_) {
            if (part.run_id.empty() || other.run_id != part.run_id) continue;
            merged_.warnings.push_back(directory.string() + " is the same run as " +
                                       other.directory.string());
            return Done{};
        }
        part.summary = std::move(*summary);
        parts_.push_back(std::move(part));
        return Done{};
    }

    void add_tests(Part& part) {
        auto* tests = part.summary.get_as<toml::array>("tests");
        if (tests == nullptr) return;
        for (auto& entry : *tests) {
            auto* table = entry.as_table();
            if (table == nullptr) continue;
            const auto key =
                test_key((*table)["path"].value_or(std::string()), (*table)["name"].value_or(std::string()));
            const auto found = tests_.find(key);
            if (found != tests_.end()) {
                merged_.warnings.push_back(key + " ran in " + found->second.directory.filename().string() +
                                           " and in " + part.directory.filename().string() +
                                           "; the later one counts");
            }
            tests_[key] = {std::move(*table), part.directory};
        }
    }

    /// Parts that were cut from one suite must make it whole again.
    void check_plans() {
        std::map<std::string, std::set<std::int64_t>> indexes;  // by plan
        std::int64_t count = 0;
        std::int64_t tests = 0;
        for (const auto& part : parts_) {
            const auto plan = read_table(part.directory / kShardPlanName);
            if (!plan) continue;
            count = std::max(count, (*plan)["count"].value_or(std::int64_t{0}));
            tests = std::max(tests, (*plan)["tests"].value_or(std::int64_t{0}));
            indexes[(*plan)["plan"].value_or(std::string())].insert(
                (*plan)["index"].value_or(std::int64_t{0}));
        }
        if (indexes.empty()) return;
        if (indexes.size() > 1) {
            merged_.warnings.push_back("the shards were cut by " +
                                       count_of(indexes.size(), "different plan") +
                                       ": tests may be missing, or have run twice; give all shards the same "
                                       "relux/out, or none");
            return;
        }
        std::string missing;
        for (std::int64_t index = 1; index <= std::min<std::int64_t>(count, 10'000); ++index) {
            if (!indexes.begin()->second.contains(index))
                missing +=
                    (missing.empty() ? "" : ", ") + std::to_string(index) + "/" + std::to_string(count);
        }
        if (!missing.empty()) {
            merged_.warnings.push_back("missing: shard " + missing + "; there are " +
                                       std::to_string(tests_.size()) + " of " +
                                       count_of(static_cast<std::size_t>(tests), "test"));
        }
    }

    Status copy_logs(MergedTest& test) {
        const fs::path logs = test.table["log_dir"].value_or(std::string());
        std::error_code error;
        if (!stays_below(logs) || !fs::is_directory(test.directory / logs, error)) return Done{};
        auto place = logs;
        for (int number = 2; fs::exists(target_ / place, error); ++number)
            place = logs.string() + "-" + std::to_string(number);
        test.table.insert_or_assign("log_dir", place.string());
        return copy_tree(test.directory / logs, target_ / place);
    }

    /// Each part's own artifacts stand in a directory named after its run: they are not made to fit together.
    Status copy_shared_artifacts() {
        for (const auto& part : parts_) {
            const auto from = part.directory / "artifacts";
            std::error_code error;
            if (!fs::is_directory(from, error) || fs::is_empty(from, error)) continue;
            auto copied = copy_tree(from, target_ / "artifacts" / part.directory.filename());
            if (!copied) return copied;
        }
        return Done{};
    }

    Status write() {
        MarginsBySite margins;
        for (const auto& part : parts_) {
            const auto file = part.directory / kMarginsName;
            std::error_code error;
            if (!fs::exists(file, error)) continue;
            if (const auto added = add_margins(file, margins); !added)
                merged_.warnings.push_back(added.error().message);
        }
        if (!margins.empty()) {
            if (auto written = write_margins(margins, target_ / kMarginsName); !written) return written;
        }
        return write_summary();
    }

    Status write_summary() {
        toml::table whole;
        toml::table about;
        toml::array merged_from;
        std::int64_t longest = 0;
        std::string newest;
        for (const auto& part : parts_) {
            const auto& run = *part.summary.get_as<toml::table>("run");
            merged_from.push_back(part.run_id);
            // Parts of parts count for the history too.
            if (const auto* earlier = run.get_as<toml::array>("merged_from")) {
                for (const auto& id : *earlier)
                    merged_from.push_back(id.value_or(std::string()));
            }
            longest = std::max(longest, run["duration_ms"].value_or(std::int64_t{0}));
            newest = std::max(newest, part.timestamp);
        }
        about.insert("run_id", run_id_);
        about.insert("timestamp", newest);
        about.insert("duration_ms", longest);
        about.insert("hostname", hostname_);
        about.insert("merged_from", std::move(merged_from));
        whole.insert("run", std::move(about));
        toml::array tests;
        for (auto& [key, test] : tests_) {
            const auto outcome = test.table["outcome"].value_or(std::string());
            merged_.not_good += outcome != "pass" && outcome != "skipped";
            tests.push_back(std::move(test.table));
        }
        whole.insert("tests", std::move(tests));
        return report::write_report_file(target_ / kSummaryName, toml_document(whole), true);
    }

    bool any_part_has(std::string_view name) const {
        return std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
            std::error_code error;
            return fs::exists(part.directory / name, error);
        });
    }

    Status write_documents() {
        const auto run = read_past_run(target_);
        if (!run) return run.error();
        const auto summary = summary_of(*run);
        const std::string name = "merged";
        auto written = report::write_run_page(summary, name, target_, target_ / "index.html");
        if (!written) return written;
        report::WantedReports wanted{};
        for (std::size_t i = 0; i < wanted.size(); ++i)
            wanted[i] = any_part_has(report::kReportFormats[i].file);
        const auto errors = report::write_wanted_reports(wanted, {summary, name, target_, places_});
        return errors.empty() ? Status(Done{}) : Status(errors.front());
    }

    const fs::path& target_;
    std::string run_id_;
    std::string hostname_;
    report::JunitPlaces places_;
    std::vector<Part> parts_;
    std::map<std::string, MergedTest> tests_;  ///< by test_key(): the order of the parts must not show
    MergedRun merged_;
};

report::Failure failure_of(const PastTest& test) {
    report::Failure failure;
    failure.kind = report::failure_kind_of_type(test.failure_type).value_or(report::FailureKind::Runtime);
    failure.summary = test.failure_summary;
    if (test.outcome != report::OutcomeKind::Cancelled) return failure;
    failure.kind = report::FailureKind::Cancelled;
    failure.cancellation.reason = test.cancellation_reason;
    failure.summary = failure.cancellation.summary();
    return failure;
}

report::TestResult result_of(const PastTest& test) {
    // In the order of run_summary.def, so that a member which is added there is answered for here too. Of
    // cached tests and cancellations the reports of a merged run say less than those of its parts.
    const auto& [name, path, slug, file, line, outcome, duration_ms, cancellation_reason, cancellation_detail,
                 failure_type, failure_summary, skip_reason, flaky_retries, cached, log_directory] = test;
    report::TestResult result;
    result.path = path;
    result.name = name;
    result.slug = slug.empty() && !name.empty() ? run::slug(name) : slug;
    result.outcome = outcome;
    result.duration = std::chrono::milliseconds(duration_ms);
    result.skip_reason = skip_reason;
    result.flaky_retries = static_cast<int>(flaky_retries);
    result.log_directory = log_directory;
    result.file = file;
    result.line = static_cast<std::uint32_t>(line);
    if (!failure_type.empty() || !cancellation_reason.empty()) result.failure = failure_of(test);
    return result;
}

}  // namespace

report::RunSummary summary_of(const PastRun& run) {
    report::RunSummary summary{
        run.run_id, run.timestamp, run.hostname, std::chrono::milliseconds(run.duration_ms), {}};
    for (const auto& test : run.tests)
        summary.tests.push_back(result_of(test));
    return summary;
}

Result<std::vector<fs::path>> find_run_directories(const std::vector<fs::path>& directories) {
    std::vector<fs::path> found;
    std::set<fs::path> seen;
    const auto add_if_run = [&](const fs::path& directory) {
        std::error_code error;
        if (!fs::is_regular_file(directory / kSummaryName, error)) return false;
        const auto real = fs::canonical(directory, error);
        if (seen.insert(real).second) found.push_back(real);
        return true;
    };
    for (const auto& directory : directories) {
        std::error_code error;
        if (!fs::is_directory(directory, error)) return Error{directory.string() + " is no directory"};
        bool any = add_if_run(directory);
        if (any) continue;
        for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
             it.increment(error)) {
            std::error_code ignored;
            if (it->is_symlink(ignored) || !it->is_directory(ignored) || !add_if_run(it->path())) continue;
            any = true;
            it.disable_recursion_pending();
        }
        if (error) return Error{"cannot read " + directory.string() + ": " + error.message(), error.value()};
        if (!any)
            return Error{"there is no run in " + directory.string() + ": no " + std::string(kSummaryName)};
    }
    std::sort(found.begin(), found.end());
    return found;
}

Result<MergedRun> merge_runs(const std::vector<fs::path>& runs, const fs::path& target,
                             const std::string& run_id, const std::string& hostname,
                             report::JunitPlaces places) {
    return Merge(target, run_id, hostname, places).merge(runs);
}

}  // namespace relux::cli

#include "tools/running/margin_notes.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "tools/history/history_margins.h"
#include "vm/base/duration.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

/// Of a time-out so much has to be used up to come close to it.
constexpr double kClose = 0.7;
constexpr std::size_t kMostRuns = 20;

/// The margins of the last runs before this one.
std::vector<MarginsBySite> earlier_margins(const fs::path& run_directory) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(run_directory.parent_path(), error), end; !error && entry != end;
         entry.increment(error)) {
        const auto& path = entry->path();
        if (path.filename().native().starts_with("run-") && path.filename() != run_directory.filename())
            files.push_back(path / kMarginsName);
    }
    // Their names begin with the time.
    std::sort(files.begin(), files.end(), std::greater<>());
    std::vector<MarginsBySite> runs;
    for (const auto& file : files) {
        if (runs.size() == kMostRuns) break;
        MarginsBySite sites;
        if (fs::exists(file, error) && add_margins(file, sites)) runs.push_back(std::move(sites));
    }
    return runs;
}

/// Nothing: some run was far from the time-out, or exceeded it, or there was none.
std::optional<std::string> narrow_margins(const std::vector<MarginsBySite>& runs,
                                          const report::SourcePlace& place) {
    std::size_t count = 0;
    Duration least = Duration::max();
    Duration most{0};
    for (const auto& sites : runs) {
        const auto site = sites.find({place.file, place.line});
        if (site == sites.end()) continue;
        const auto& margins = site->second;
        if (margins.max() < kClose || margins.timed_out > 0) return std::nullopt;
        ++count;
        least = std::min(least, margins.max_elapsed);
        most = std::max(most, margins.max_elapsed);
    }
    if (count == 0) return std::nullopt;
    const auto took = format_elapsed(least) == format_elapsed(most)
                          ? format_elapsed(most)
                          : format_elapsed(least) + " to " + format_elapsed(most);
    return (count == 1 ? "the earlier run" : "each of the " + std::to_string(count) + " earlier runs") +
           " came close to this time-out: the statement took " + took;
}

bool is_of_timeout(const report::TestResult& result) {
    using report::FailureKind;
    if (!result.failure || !result.failure->timeout || result.failure->chain.empty()) return false;
    const auto kind = result.failure->kind;
    return kind == FailureKind::MatchTimeout || kind == FailureKind::MultiMatch;
}

}  // namespace

void note_narrow_margins(std::vector<report::TestResult>& results, const fs::path& run_directory) {
    if (std::none_of(results.begin(), results.end(), is_of_timeout)) return;
    const auto runs = earlier_margins(run_directory);
    for (auto& result : results) {
        if (!is_of_timeout(result)) continue;
        auto& failure = *result.failure;
        if (auto note = narrow_margins(runs, failure.chain.back().place))
            failure.notes.push_back(*std::move(note));
    }
}

}  // namespace relux::cli

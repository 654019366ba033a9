#include "vm/run/margins.h"

#include <algorithm>
#include <cmath>

namespace relux::run {

void SiteMargins::record(Duration elapsed, Duration effective, Duration written, bool is_assertion,
                         bool ran_out) {
    double ratio = 1.0;
    if (!ran_out && effective.count() > 0) {
        ratio = static_cast<double>(elapsed.count()) / static_cast<double>(effective.count());
        ratio = std::clamp(ratio, 0.0, 1.0);
    }
    const auto step = std::min(static_cast<std::uint32_t>(ratio * kSteps), kSteps - 1);
    ++steps[step];
    ++count_;
    timed_out += ran_out;
    max_ = std::max(max_, ratio);
    max_elapsed = std::max(max_elapsed, elapsed);
    timeout = written;
    assertion = is_assertion;
}

void SiteMargins::add(const SiteMargins& other) {
    for (const auto& [step, matches] : other.steps)
        steps[step] += matches;
    count_ += other.count_;
    timed_out += other.timed_out;
    max_ = std::max(max_, other.max_);
    max_elapsed = std::max(max_elapsed, other.max_elapsed);
    timeout = other.timeout;
    assertion = other.assertion;
}

double SiteMargins::quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (const auto& [step, matches] : steps) {
        seen += matches;
        if (seen >= wanted) return std::min(max_, static_cast<double>(step + 1) / kSteps);
    }
    return max_;
}

void MatchMargins::record(const std::string& file, std::uint32_t line, Duration elapsed, Duration effective,
                          Duration timeout, bool assertion, bool timed_out) {
    const Key key{&file, line};
    auto found = sites_.find(key);
    if (found == sites_.end()) {
        if (sites_.size() == kMostSites) {
            ++omitted_;
            return;
        }
        found = sites_.try_emplace(key).first;
    }
    found->second.record(elapsed, effective, timeout, assertion, timed_out);
}

void MatchMargins::add(MatchMargins&& other) {
    if (sites_.empty()) sites_.swap(other.sites_);
    for (const auto& [key, margins] : other.sites_) {
        if (sites_.size() < kMostSites || sites_.contains(key)) {
            sites_[key].add(margins);
        } else {
            omitted_ += margins.count();
        }
    }
    omitted_ += other.omitted_;
}

std::vector<MatchMargins::Site> MatchMargins::sites() const {
    std::vector<Site> sites;
    sites.reserve(sites_.size());
    for (const auto& [key, margins] : sites_)
        sites.push_back({key.file, key.line, &margins});
    std::sort(sites.begin(), sites.end(), [](const Site& a, const Site& b) {
        const auto order = a.file == b.file ? 0 : a.file->compare(*b.file);
        return order != 0 ? order < 0 : a.line < b.line;
    });
    return sites;
}

}  // namespace relux::run

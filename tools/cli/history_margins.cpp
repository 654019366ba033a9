// See history_margins.h.
#include "tools/cli/history_margins.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "vm/base/files.h"

namespace relux::cli {

namespace {

using nlohmann::json;

json json_of(const std::pair<std::string, std::uint32_t>& site, const run::SiteMargins& margins) {
    json steps = json::object();
    for (const auto& [step, count] : margins.steps)
        steps[std::to_string(step)] = count;
    return {{"file", site.first},
            {"line", site.second},
            {"count", margins.count()},
            {"median", margins.median()},
            {"p99", margins.p99()},
            {"max", margins.max()},
            {"max_elapsed_ns", margins.max_elapsed.count()},
            {"timeout_ns", margins.timeout.count()},
            {"assertion", margins.assertion},
            {"timed_out", margins.timed_out},
            {"steps", steps}};
}

/// Throws what nlohmann/json throws on a wrong type; add_margins() is the edge.
void add_site(const json& entry, MarginsBySite& sites) {
    run::SiteMargins margins;
    std::uint64_t count = 0;
    for (const auto& [step, matches] : entry.at("steps").items()) {
        const auto number = std::stoul(step);
        if (number >= run::SiteMargins::kSteps) continue;
        margins.steps[static_cast<std::uint32_t>(number)] = matches.get<std::uint64_t>();
        count += matches.get<std::uint64_t>();
    }
    margins.set_count(count);
    margins.set_max(entry.at("max").get<double>());
    margins.max_elapsed = Duration(entry.at("max_elapsed_ns").get<std::int64_t>());
    margins.timeout = Duration(entry.at("timeout_ns").get<std::int64_t>());
    margins.assertion = entry.at("assertion").get<bool>();
    margins.timed_out = entry.at("timed_out").get<std::uint64_t>();
    sites[{entry.at("file").get<std::string>(), entry.at("line").get<std::uint32_t>()}].add(margins);
}

}  // namespace

std::string format_margins(const MarginsBySite& sites) {
    json list = json::array();
    for (const auto& [site, margins] : sites)
        list.push_back(json_of(site, margins));
    const json whole = {{"version", 1}, {"sites", list}};
    return whole.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Status write_margins(const MarginsBySite& sites, const std::filesystem::path& file) {
    return replace_file(file, format_margins(sites));
}

Status write_margins(const run::MatchMargins& margins, const std::filesystem::path& file) {
    MarginsBySite sites;
    for (auto& site : margins.sites())
        sites[{site.file, site.line}].add(site.margins);
    return write_margins(sites, file);
}

Status add_margins(const std::filesystem::path& file, MarginsBySite& sites) {
    const auto bytes = read_file(file);
    if (!bytes) return bytes.error();
    MarginsBySite read;
    try {
        const auto whole = json::parse(*bytes);
        for (const auto& entry : whole.at("sites"))
            add_site(entry, read);
    } catch (const std::exception& problem) {
        return Error{file.string() + ": " + problem.what()};
    }
    for (const auto& [site, margins] : read)
        sites[site].add(margins);
    return Done{};
}

// Ratios, not times: what counts is how far the time-out was used, whatever -m made of it.
Duration suggested_timeout(const run::SiteMargins& margins) {
    static constexpr double kRound[] = {1, 1.5, 2, 3, 5, 7.5, 10};
    const double used = margins.max() * static_cast<double>(margins.timeout.count()) * 4;
    double unit = 1e6;  // a millisecond
    while (unit * 10 < used)
        unit *= 10;
    for (const double factor : kRound) {
        if (unit * factor < used) continue;
        const Duration rounded(static_cast<std::int64_t>(unit * factor));
        return std::max(rounded, margins.timeout);
    }
    return margins.timeout;
}

bool at_risk(const run::SiteMargins& margins) {
    return margins.max() > 0.5 || margins.p99() > 1.0 / 3;
}

}  // namespace relux::cli

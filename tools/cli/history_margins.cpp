// See history_margins.h.
#include "tools/cli/history_margins.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "vm/base/files.h"

namespace relux::cli {

namespace {

using nlohmann::json;

template <class Number>
void append_number(std::string& out, Number value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

template <class Number>
void append_member(std::string& out, std::string_view name, Number value) {
    out.append(", \"").append(name).append("\": ");
    append_number(out, value);
}

/// One line. Not by the library: there may be thousands, of every run.
void append_site(std::string& out, std::string_view file_in_json, std::uint32_t line,
                 const run::SiteMargins& margins) {
    out.append("{\"file\": ").append(file_in_json);
    append_member(out, "line", line);
    append_member(out, "count", margins.count());
    append_member(out, "median", margins.median());
    append_member(out, "p99", margins.p99());
    append_member(out, "max", margins.max());
    append_member(out, "max_elapsed_ns", margins.max_elapsed.count());
    append_member(out, "timeout_ns", margins.timeout.count());
    out.append(", \"assertion\": ").append(margins.assertion ? "true" : "false");
    append_member(out, "timed_out", margins.timed_out);
    out.append(", \"steps\": {");
    bool first = true;
    for (const auto& [step, count] : margins.steps) {
        if (!std::exchange(first, false)) out.append(", ");
        out.append("\"");
        append_number(out, step);
        out.append("\": ");
        append_number(out, count);
    }
    out.append("}}");
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
    std::string out = "{\"version\": 1, \"sites\": [";
    const std::string* file = nullptr;
    std::string file_in_json;
    bool first = true;
    for (const auto& [site, margins] : sites) {
        if (file == nullptr || *file != site.first) {
            file = &site.first;
            file_in_json = json(*file).dump(-1, ' ', false, json::error_handler_t::replace);
        }
        out.append(std::exchange(first, false) ? "\n" : ",\n");
        append_site(out, file_in_json, site.second, margins);
    }
    out.append("\n]}\n");
    return out;
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

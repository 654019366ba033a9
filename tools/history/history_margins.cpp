#include "tools/history/history_margins.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "vm/base/files.h"
#include "vm/report/report_file.h"

namespace relux::cli {

namespace {

using nlohmann::json;

/// The text of margins.json, a site at a time, in their order. Not by the library: there may be thousands, of
/// every run.
class MarginsText {
  public:
    void append(const std::string& file, std::uint32_t line, const run::SiteMargins& margins) {
        if (file_ == nullptr || *file_ != file) {
            file_ = &file;
            file_in_json_ = json(file).dump(-1, ' ', true, json::error_handler_t::replace);
        }
        text_.append(is_first_ ? "\n" : ",\n").append("{\"file\": ").append(file_in_json_);
        is_first_ = false;
        append_member(", \"line\": ", line);
        append_member(", \"count\": ", margins.count());
        append_ratio(", \"median\": ", margins.median());
        append_ratio(", \"p99\": ", margins.p99());
        append_ratio(", \"max\": ", margins.max());
        append_member(", \"max_elapsed_ns\": ", margins.max_elapsed.count());
        append_member(", \"timeout_ns\": ", margins.timeout.count());
        text_.append(", \"assertion\": ").append(margins.assertion ? "true" : "false");
        append_member(", \"timed_out\": ", margins.timed_out);
        text_.append(", \"steps\": {");
        std::string_view before = "\"";
        for (const auto& [step, count] : margins.steps) {
            append_member(before, step);
            append_member("\": ", count);
            before = ", \"";
        }
        text_.append("}}");
    }

    std::string end() {
        text_.append("\n]}\n");
        return std::move(text_);
    }

  private:
    template <class Number>
    void append_member(std::string_view name, Number value) {
        text_.append(name);
        std::array<char, 32> digits;
        text_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
    }
    // All three of a site with one match are the same, and no number takes as long.
    void append_ratio(std::string_view name, double ratio) {
        if (ratio != ratio_ || ratio_in_json_.empty()) {
            std::array<char, 32> digits;
            ratio_in_json_.assign(digits.data(),
                                  std::to_chars(digits.data(), digits.data() + digits.size(), ratio).ptr);
            ratio_ = ratio;
        }
        text_.append(name).append(ratio_in_json_);
    }

    std::string text_ = "{\"version\": 1, \"sites\": [";
    bool is_first_ = true;
    const std::string* file_ = nullptr;  ///< of the site before
    std::string file_in_json_;
    double ratio_ = 0;
    std::string ratio_in_json_;
};

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
    MarginsText text;
    for (const auto& [site, margins] : sites)
        text.append(site.first, site.second, margins);
    return text.end();
}

Status write_margins(const MarginsBySite& sites, const std::filesystem::path& file) {
    return report::write_report_file(file, format_margins(sites), false);
}

Status write_margins(const run::MatchMargins& margins, const std::filesystem::path& file) {
    MarginsText text;
    const auto sites = margins.sites();
    for (auto site = sites.begin(); site != sites.end();) {
        const auto is_another = [&](const auto& other) {
            return other.line != site->line || *other.file != *site->file;
        };
        const auto next = std::find_if(site + 1, sites.end(), is_another);
        if (next == site + 1) {
            text.append(*site->file, site->line, *site->margins);
        } else {
            run::SiteMargins sum;
            std::for_each(site, next, [&](const auto& same) { sum.add(*same.margins); });
            text.append(*site->file, site->line, sum);
        }
        site = next;
    }
    return report::write_report_file(file, text.end(), false);
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

// Longest processing time first: at most a third worse than the best division, and simple to foresee.
#include "tools/select/selection_shard.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <numeric>

namespace relux::cli {

namespace {

constexpr std::size_t kMostShards = 100'000;

bool parse_number(std::string_view text, std::size_t& number) {
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    return parsed.ec == std::errc() && parsed.ptr == end;
}

std::int64_t median(std::vector<std::int64_t> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Milliseconds of each key. Nothing known: all alike.
std::vector<std::int64_t> weights_of(const std::vector<std::string>& keys, const TestDurations& durations) {
    std::vector<std::int64_t> known;
    for (const auto& key : keys) {
        if (const auto found = durations.find(key); found != durations.end()) known.push_back(found->second);
    }
    const auto unknown = known.empty() ? 1 : median(known);
    std::vector<std::int64_t> weights;
    for (const auto& key : keys) {
        const auto found = durations.find(key);
        // At least one: tests that take no time still have to be spread.
        weights.push_back(std::max<std::int64_t>(1, found == durations.end() ? unknown : found->second));
    }
    return weights;
}

}  // namespace

Result<Shard> parse_shard(std::string_view text) {
    Shard shard;
    const auto slash = text.find('/');
    const bool good = slash != std::string_view::npos && parse_number(text.substr(0, slash), shard.index) &&
                      parse_number(text.substr(slash + 1), shard.count);
    if (!good) return Error{"a shard is I/N, such as 2/5, not `" + std::string(text) + "`"};
    if (shard.index < 1 || shard.index > shard.count || shard.count > kMostShards)
        return Error{"there is no shard " + std::string(text) + ": I goes from 1 to N, N to 100000"};
    return shard;
}

TestDurations typical_durations(const std::vector<PastRun>& runs) {
    std::unordered_map<std::string, std::vector<std::int64_t>> taken;
    for (const auto& run : runs) {
        for (const auto& test : run.tests) {
            const bool ran = !test.cached && (test.outcome == report::OutcomeKind::Passed ||
                                              test.outcome == report::OutcomeKind::Failed);
            if (ran) taken[test_key(test.path, test.name)].push_back(test.duration_ms);
        }
    }
    TestDurations typical;
    for (auto& [key, values] : taken)
        typical[key] = median(std::move(values));
    return typical;
}

std::vector<std::size_t> assign_shards(const std::vector<std::string>& keys, const TestDurations& durations,
                                       std::size_t count) {
    const auto weights = weights_of(keys, durations);
    std::vector<std::size_t> order(keys.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return weights[a] != weights[b] ? weights[a] > weights[b] : keys[a] < keys[b];
    });
    std::vector<std::int64_t> load(count, 0);
    std::vector<std::size_t> shards(keys.size(), 1);
    for (auto index : order) {
        const auto least = std::min_element(load.begin(), load.end());
        *least += weights[index];
        shards[index] = static_cast<std::size_t>(least - load.begin()) + 1;
    }
    return shards;
}

std::string shard_plan_digest(const std::vector<std::string>& keys, const TestDurations& durations) {
    const auto weights = weights_of(keys, durations);
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < keys.size(); ++i)
        lines.push_back(keys[i] + " " + std::to_string(weights[i]));
    std::sort(lines.begin(), lines.end());
    std::uint64_t digest = 0;
    for (const auto& line : lines)
        digest = stable_hash(line, digest);
    char text[16];
    std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(digest >> 32));
    return text;
}

// FNV-1a over the bytes, then the finish of SplitMix64, which spreads it over all bits.
std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) {
    std::uint64_t hash = 14695981039346656037ull ^ (seed * 0x9e3779b97f4a7c15ull);
    for (const char c : bytes)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ull;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebull;
    return hash ^ (hash >> 31);
}

}  // namespace relux::cli

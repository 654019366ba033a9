#include "tools/select/environment_shard.h"

#include <cerrno>
#include <charconv>
#include <fcntl.h>

#include "vm/base/fd.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace {

Result<std::size_t> number_of(std::string_view name, const std::string& value) {
    std::size_t number = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
    if (parsed.ec == std::errc() && parsed.ptr == value.data() + value.size()) return number;
    return Error{std::string(name) + " is `" + visible(value, false) + "`, which is no number"};
}

Result<std::optional<EnvironmentShard>> shard_of(const EnvironmentLookup& environment, const char* index_name,
                                                 const char* total_name, std::size_t first) {
    const auto index_text = environment(index_name);
    const auto total_text = environment(total_name);
    if (!index_text || !total_text) return std::optional<EnvironmentShard>();
    const auto total = number_of(total_name, *total_text);
    if (!total) return total.error();
    if (*total <= 1) return std::optional<EnvironmentShard>();
    const auto index = number_of(index_name, *index_text);
    if (!index) return index.error();
    if (*index < first || *index - first >= *total) {
        return Error{std::string(index_name) + "=" + *index_text + " is not one of " +
                     std::string(total_name) + "=" + *total_text};
    }
    EnvironmentShard shard;
    shard.shard = {*index - first + 1, *total};
    shard.origin = std::string(index_name) + " and " + total_name;
    return std::optional(std::move(shard));
}

}  // namespace

Result<std::optional<EnvironmentShard>> environment_shard(const EnvironmentLookup& environment) {
    auto bazel = shard_of(environment, "TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", 0);
    if (!bazel) return bazel;
    if (*bazel) {
        (*bazel)->status_file = environment("TEST_SHARD_STATUS_FILE").value_or(std::string());
        return bazel;
    }
    return shard_of(environment, "CI_NODE_INDEX", "CI_NODE_TOTAL", 1);
}

Status touch_file(const std::filesystem::path& file) {
    Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    if (!fd) return system_error("cannot write " + file.string(), errno);
    return Done{};
}

}  // namespace relux::cli

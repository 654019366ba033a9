// The kernel counts terminals over all mounts of devpts, and keeps some of them for the first one; a mount
// may have a limit of its own.
#include "vm/io/terminal_supply.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "vm/base/directory.h"
#include "vm/base/files.h"

namespace relux::io {

namespace {

std::optional<std::size_t> number_in(std::string_view text) {
    std::size_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc()) return std::nullopt;
    return number;
}

std::optional<std::size_t> setting(const char* name) {
    const auto text = read_file(std::string("/proc/sys/kernel/pty/") + name);
    if (!text) return std::nullopt;
    return number_in(*text);
}

/// The limit of the mount that /dev/pts shows, which is the last one there. The kernel lists it only where it
/// differs from what any system has.
std::optional<std::size_t> mount_limit() {
    const auto mounts = read_file("/proc/self/mounts");
    if (!mounts) return std::nullopt;
    constexpr std::string_view kMount = " /dev/pts devpts ";
    constexpr std::string_view kLimit = "max=";
    const auto at = mounts->rfind(kMount);
    if (at == std::string::npos) return std::nullopt;
    auto options = std::string_view(*mounts).substr(at + kMount.size());
    options = options.substr(0, options.find(' '));
    while (!options.empty()) {
        if (options.starts_with(kLimit)) return number_in(options.substr(kLimit.size()));
        const auto comma = options.find(',');
        options.remove_prefix(comma == std::string_view::npos ? options.size() : comma + 1);
    }
    return std::nullopt;
}

/// Terminals that the mount shows.
std::size_t terminals_in_mount() {
    const Directory directory(::opendir("/dev/pts"));
    std::size_t count = 0;
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr)
        count += number_in(entry->d_name).has_value();
    return count;
}

std::size_t less(std::size_t from, std::size_t what) {
    return from - std::min(from, what);
}

}  // namespace

TerminalSupply terminal_supply() {
    TerminalSupply supply;
    if (const auto most = setting("max")) {
        supply.most = *most;
        supply.free = less(less(*most, setting("reserve").value_or(0)), setting("nr").value_or(0));
    }
    if (const auto most = mount_limit()) {
        supply.most = std::min(supply.most, *most);
        supply.free = std::min(supply.free, less(*most, terminals_in_mount()));
    }
    return supply;
}

}  // namespace relux::io

// The flags of `run` that beat a key of Relux.toml, from the rows of vm/run/settings.def.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "vm/base/result.h"
#include "vm/run/run_settings.h"

namespace relux::cli {

class CommandLine;

/// `-j`: at most one of both is given.
struct GivenJobs {
    std::optional<int> count;
    bool automatic = false;  ///< `-j auto`
};

/// A flag that turns off what the manifest may have turned off too.
struct OffSwitch {
    bool on = true;
};

/// As given on the command line; nothing has been checked but the form of numbers.
struct SettingFlags {
#define KEY(table, key, Type, member, value, form, flag, ...) flag
#define FLAG(Type, member, ...) Type member;
#define NO_FLAG
#include "vm/run/settings.def"
};

/// Declares the flags with values of these tables, in the order of the rows.
void declare_setting_flags(CommandLine& line, SettingFlags& flags,
                           std::initializer_list<std::string_view> tables);
/// Declares the flags of all tables that turn something off.
void declare_off_switches(CommandLine& line, SettingFlags& flags);

/// Puts what was given in place of what the manifest says. The error names the first flag with a value that
/// makes no sense, and what it takes.
Status apply_setting_flags(const SettingFlags& flags, run::ProjectSettings& settings);

/// Stores a factor that was given; the error is for what is not finite or not greater than `above`, 0 or 1.
Status apply_factor(const std::optional<double>& given, std::string_view flag, double above, double& target);

}  // namespace relux::cli

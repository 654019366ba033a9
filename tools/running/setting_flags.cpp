// Flags over manifest. Knows no file and no clock.
#include "tools/running/setting_flags.h"

#include <algorithm>
#include <cmath>

#include "tools/cli/command_line.h"

namespace relux::cli {

namespace {

/// `--jobs` of `-j,--jobs`: what messages call it.
std::string long_name(std::string_view names) {
    return std::string(names.substr(names.rfind(',') + 1));
}

template <class Value>
void declare(CommandLine& line, std::string_view names, std::optional<Value>& target, std::string_view value,
             std::string_view help) {
    line.option(names, &target, help).value(value);
}

void declare(CommandLine& line, std::string_view names, GivenJobs& target, std::string_view value,
             std::string_view help) {
    line.option(names, &target.count, help).value(value).or_word("auto", target.automatic);
}

/// Stands with the others of its kind, at the end.
void declare(CommandLine&, std::string_view, OffSwitch&, std::string_view, std::string_view) {}

template <class Given>
void declare_switch(CommandLine&, std::string_view, Given&, std::string_view) {}

void declare_switch(CommandLine& line, std::string_view names, OffSwitch& target, std::string_view help) {
    line.flag(names, target.on, help).inverted();
}

/// A member of the settings that a flag may beat.
template <class Value>
struct Overridden {
    Value& value;
    std::string* origin;  ///< what reports say of a time-out; else null
};

Status override_by(const std::optional<std::string>& given, const std::string& flag,
                   const Overridden<Duration>& target) {
    if (!given) return Done{};
    auto duration = parse_duration(*given, true);
    if (!duration) return Error{flag + ": " + duration.error().message};
    target.value = *duration;
    if (target.origin != nullptr) *target.origin = flag;
    return Done{};
}

template <class Value>
Status override_by(const std::optional<int>& given, const std::string& flag,
                   const Overridden<Value>& target) {
    if (!given) return Done{};
    if (*given < 0) return Error{flag + " must not be negative"};
    target.value = *given;
    return Done{};
}

Status override_by(const std::optional<double>& given, const std::string& flag,
                   const Overridden<double>& target) {
    return apply_factor(given, flag, 1.0, target.value);
}

Status override_by(const GivenJobs& given, const std::string& flag, const Overridden<run::Jobs>& target) {
    if (given.count) target.value.automatic = false;
    if (given.automatic) target.value.automatic = true;
    return override_by(given.count, flag, Overridden<int>{target.value.count, nullptr});
}

Status override_by(const OffSwitch& given, const std::string&, const Overridden<bool>& target) {
    target.value = target.value && given.on;
    return Done{};
}

}  // namespace

void declare_setting_flags(CommandLine& line, SettingFlags& flags,
                           std::initializer_list<std::string_view> tables) {
    const auto wanted = [&](std::string_view table) {
        return std::find(tables.begin(), tables.end(), table) != tables.end();
    };
#define KEY(table, key, Type, member, value, form, flag, ...) \
    if (wanted(#table)) {                                     \
        flag                                                  \
    }
#define FLAG(Type, member, names, value, help, meaning) declare(line, names, flags.member, value, help);
#define NO_FLAG
#include "vm/run/settings.def"
}

void declare_off_switches(CommandLine& line, SettingFlags& flags) {
#define KEY(table, key, Type, member, value, form, flag, ...) flag
#define FLAG(Type, member, names, value, help, meaning) declare_switch(line, names, flags.member, help);
#define NO_FLAG
#include "vm/run/settings.def"
}

Status apply_setting_flags(const SettingFlags& flags, run::ProjectSettings& settings) {
    Status status = Done{};
#define PROJECT_KEY(...)
#define TIMEOUT_KEY(key, Type, member, value, form, flag, ...)                             \
    {                                                                                      \
        [[maybe_unused]] const Overridden<Type> target{settings.timeout.member,            \
                                                       &settings.timeout.member##_origin}; \
        flag                                                                               \
    }
#define KEY(table, key, Type, member, value, form, flag, ...)                     \
    {                                                                             \
        [[maybe_unused]] const Overridden<Type> target{settings.member, nullptr}; \
        flag                                                                      \
    }
#define FLAG(Type, member, names, value, help, meaning) \
    if (status) status = override_by(flags.member, long_name(names), target);
#define NO_FLAG
#include "vm/run/settings.def"
    return status;
}

Status apply_factor(const std::optional<double>& given, std::string_view flag, double above, double& target) {
    if (!given) return Done{};
    if (!std::isfinite(*given) || *given <= above) {
        return Error{std::string(flag) + " must be a finite number greater than " +
                     (above > 0.0 ? "1" : "0")};
    }
    target = *given;
    return Done{};
}

}  // namespace relux::cli

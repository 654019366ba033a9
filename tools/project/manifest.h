// Relux.toml (cli 8) as a plain struct. Every key is optional, an unknown one is an error: a misspelt setting
// must not be a silent default.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "frontend/source.h"
#include "vm/base/result.h"
#include "vm/run/run_settings.h"

namespace relux::cli {

/// The keys above the tables, and those of the tables (vm/run/settings.def).
struct Manifest : run::ProjectSettings {
#define PROJECT_KEY(key, Type, member, value, ...) Type member = value;
#include "vm/run/settings.def"
};

/// The error lists every mistake, a line each: `Relux.toml:4: unknown key ...`. `file` is only named in
/// messages.
Result<Manifest> parse_manifest(std::string_view text, std::string_view file);

/// `64MiB`, `512 KiB`, `1GB`, `100B`: a number above zero with its unit. Nothing for what is none.
std::optional<std::size_t> parse_size(std::string_view text);

}  // namespace relux::cli
